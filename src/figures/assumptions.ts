import { isDefault } from '../factors/defaults.ts';
import { type FactorRecord, factorRecords } from './factors-of-run.ts';

/** What is said of a factor that nobody gave: what it is of, how its unit reads, and the setting that takes its place. */
interface Wording {
  readonly subject: string;
  readonly unit: string;
  readonly key: string;
}

const WORDINGS: Readonly<Record<string, Wording>> = {
  core_price: { subject: 'CPU time is priced at', unit: 'USD a core-hour', key: 'usd_per_core_hour' },
  price: { subject: 'Energy is priced at', unit: 'USD/kWh', key: 'usd_per_kwh' },
  intensity: { subject: 'Energy is taken to emit', unit: 'kg CO₂e/kWh', key: 'kg_per_kwh' },
};

/**
 * Returns what the figures of a run assume, by its attributes: a sentence for each default of Wattline among their factors,
 * with its value and the setting that takes its place. Numbers that were configured or looked up are none.
 */
export function assumptionsOf(attributes: Readonly<Record<string, unknown>>): string[] {
  return factorRecords(attributes).flatMap((record) => {
    const wording = WORDINGS[record.use];
    return wording && isDefault(record.source ?? '') ? [sentenceOf(record, wording)] : [];
  });
}

function sentenceOf({ id = '', value }: FactorRecord, { subject, unit, key }: Wording): string {
  const ids = id.split(' + ');
  const [, place] = /^[^/]+\/([^/]+)\/builtin$/.exec(ids.findLast((one) => one.endsWith('/builtin')) ?? '') ?? [];
  const where = place === undefined ? '' : place === 'fallback' ? ' for regions that are not known' : ` for ${place}`;
  const whose = ids.length > 1 ? `in part by Wattline’s default${where}` : `Wattline’s default${where}`;
  return `${subject} ${Number(value.toPrecision(6))} ${unit}, ${whose}; set \`${key}\``;
}
