import { isDefault } from '../factors/defaults.ts';
import { tabledFactor } from '../factors/regions.ts';
import { type FactorRecord, factorRecords } from './factors-of-run.ts';

/** What is said of a factor that nobody gave: what it is of, how its unit reads, and the settings that take its place. */
interface Wording {
  readonly subject: string;
  readonly unit: string;
  readonly keys: string;
  /** The settings where a table knows another value. */
  readonly keysOfTabled?: string;
}

const WORDINGS: Readonly<Record<string, Wording>> = {
  core_price: {
    subject: 'CPU time is priced at',
    unit: 'USD a core-hour',
    keys: '`usd_per_core_hour` or `list_prices`',
  },
  price: { subject: 'Energy is priced at', unit: 'USD/kWh', keys: '`usd_per_kwh`' },
  intensity: {
    subject: 'Energy is taken to emit',
    unit: 'kg CO₂e/kWh',
    keys: '`kg_per_kwh`',
    keysOfTabled: '`dataset: electricity_maps` or `kg_per_kwh`',
  },
};

/**
 * Returns what the figures of a run assume, by its attributes: a sentence for each default of Wattline among their factors,
 * with its value, what a table with a source says, and the settings that take its place. Numbers that were configured or
 * looked up are none.
 */
export function assumptionsOf(attributes: Readonly<Record<string, unknown>>): string[] {
  return factorRecords(attributes).flatMap((record) => {
    const wording = WORDINGS[record.use];
    return wording && isDefault(record.source ?? '') ? [sentenceOf(record, wording)] : [];
  });
}

function sentenceOf({ id = '', value }: FactorRecord, { subject, unit, keys, keysOfTabled = keys }: Wording): string {
  const ids = id.split(' + ');
  const builtin = ids.findLast((one) => one.endsWith('/builtin'));
  const [, place] = /^[^/]+\/([^/]+)\/builtin$/.exec(builtin ?? '') ?? [];
  const where = place === undefined ? '' : place === 'fallback' ? ' for regions that are not known' : ` for ${place}`;
  const whose = ids.length > 1 ? `in part by Wattline’s default${where}` : `Wattline’s default${where}`;
  const tabled = tabledFactor(builtin);
  const remedy = tabled ? `, where a table says ${tabled.value}; set ${keysOfTabled}` : `; set ${keys}`;
  return `${subject} ${Number(value.toPrecision(6))} ${unit}, ${whose}${remedy}`;
}
