import { type Cloud, type Dataset, findRegion, type Region, regionNames } from '../factors/regions.ts';
import type { Factor } from '../model/factor.ts';
import { plainTable } from '../terminal/plain-table.ts';

export interface RegionsOptions {
  readonly sort: 'name' | 'price' | 'intensity';
  /** The cloud whose regions are listed; undefined lists all. */
  readonly cloud?: Cloud | undefined;
  readonly dataset: Dataset;
  readonly json?: boolean | undefined;
}

const WORDS = ['region', 'cloud', 'country', 'zone'];
const NUMBERS = ['USD/kWh', 'kg/kWh', 'PUE'];
const ORIGINS = ['price from', 'intensity from', 'PUE from'];
/** The parts of a source beyond its first words that the table shows, since they limit what a value means. */
const RESERVATION = /unverified|including taxes/;

/**
 * Lists the known regions with price, intensity and PUE, each with source and year, unknown ones last: as a table for
 * people, or as JSON with the whole records.
 */
export function regions({ sort, cloud, dataset, json }: RegionsOptions): string {
  const listed = regionNames
    .map((name) => findRegion(name, dataset) as Region)
    .filter((region) => cloud === undefined || region.cloud === cloud)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (sort !== 'name') listed.sort((a, b) => compare(a[sort], b[sort]));
  return json ? `${JSON.stringify(listed, undefined, 2)}\n` : `${tableOf(listed)}\n\n${notesOn(listed)}`;
}

function compare(a: Factor | undefined, b: Factor | undefined): number {
  if (a && b) return a.value - b.value;
  return Number(!a) - Number(!b);
}

function tableOf(listed: readonly Region[]): string {
  const rows = listed.map(({ name, cloud, country, zone, price, intensity, pue }) => {
    const factors = [price, intensity, pue];
    const values = factors.map((factor) => (factor ? String(factor.value) : '–'));
    return [name, cloud ?? '', country ?? '', zone ?? '', ...values, ...factors.map(originOf)];
  });
  return plainTable([...WORDS, ...NUMBERS, ...ORIGINS], rows, (name) => NUMBERS.includes(name));
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
their order is indicative. Intensities are averages by location. The whole sources: wattline regions --json
`;
}
