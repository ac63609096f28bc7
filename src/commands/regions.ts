import { type Cloud, type Dataset, findRegion, type Region, regionNames, tabledFactor } from '../factors/regions.ts';
import type { Factor } from '../model/factor.ts';
import { plainTable } from '../terminal/plain-table.ts';

export interface RegionsOptions {
  readonly sort: 'name' | 'price' | 'intensity';
  /** The cloud whose regions are listed; undefined lists all. */
  readonly cloud?: Cloud | undefined;
  /** Undefined is `builtin`, and where regions are ranked by intensity `electricity_maps`: `builtin` mixes two. */
  readonly dataset?: Dataset | undefined;
  readonly json?: boolean | undefined;
}

const WORDS = ['region', 'cloud', 'country', 'zone'];
const NUMBERS = ['USD/kWh', 'kg/kWh', 'PUE'];
const ORIGINS = ['price from', 'intensity from', 'PUE from'];
const TABLES = 'tables say';
/** The parts of a source beyond its first words that the table shows, since they limit what a value means. */
const RESERVATION = /unverified|including taxes/;

/** A region, and what tables with a source say in place of its built-in price and intensity. */
interface Listed extends Region {
  readonly tables?: Partial<Record<'price' | 'intensity', Factor>>;
}

/**
 * Lists the known regions with price, intensity and PUE, each with source and year, unknown ones last: as a table for
 * people, or as JSON with the whole records.
 */
export function regions({ sort, cloud, dataset: chosen, json }: RegionsOptions): string {
  const dataset = chosen ?? (sort === 'intensity' ? 'electricity_maps' : 'builtin');
  const listed = regionNames
    .map((name) => withTables(findRegion(name, dataset) as Region))
    .filter((region) => cloud === undefined || region.cloud === cloud)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (sort !== 'name') listed.sort((a, b) => compare(a[sort], b[sort]));
  if (json) return `${JSON.stringify(listed, undefined, 2)}\n`;
  const ranked = sort === 'intensity' ? [`Ranked by the intensities of one data set, ${dataset}.\n`] : [];
  return [`${tableOf(listed)}\n`, notesOn(listed), ...ranked].join('\n');
}

function withTables(region: Region): Listed {
  const [price, intensity] = [tabledFactor(region.price?.id), tabledFactor(region.intensity?.id)];
  if (!price && !intensity) return region;
  return { ...region, tables: { ...(price && { price }), ...(intensity && { intensity }) } };
}

function compare(a: Factor | undefined, b: Factor | undefined): number {
  if (a && b) return a.value - b.value;
  return Number(!a) - Number(!b);
}

function tableOf(listed: readonly Listed[]): string {
  const rows = listed.map(({ name, cloud, country, zone, price, intensity, pue, tables = {} }) => {
    const factors = [price, intensity, pue];
    const values = factors.map((factor) => (factor ? String(factor.value) : '–'));
    const tabled = [tables.price, tables.intensity].flatMap((factor) =>
      factor ? [`${factor.value} ${factor.unit} (${originOf(factor)})`] : [],
    );
    const words = [name, cloud ?? '', country ?? '', zone ?? ''];
    return [...words, ...values, ...factors.map(originOf), tabled.join('; ') || '–'];
  });
  return plainTable([...WORDS, ...NUMBERS, ...ORIGINS, TABLES], rows, (name) => NUMBERS.includes(name));
}

/** Returns the source of a factor in short, with its reservations and its year. */
function originOf(factor: Factor | undefined): string {
  if (!factor) return '–';
  const { source, year } = factor;
  const [first, ...others] = source.split(', ');
  const reservations = others.flatMap((words) => RESERVATION.exec(words)?.[0] ?? []);
  return [first, ...reservations, ...(year === undefined ? [] : [year])].join(', ');
}

function notesOn({ length }: readonly Region[]): string {
  return `${length} regions. Prices are averages for industry or by tariff, not what a cloud pays, and their bases differ:
their order is indicative. Intensities are averages by location. Where a built-in number differs from a table with a
source, the last column has what that table says. The whole sources: wattline regions --json
`;
}
