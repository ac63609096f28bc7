import Table from 'cli-table3';
import { type Cloud, type Dataset, findRegion, type Region, regionNames } from '../factors/regions.ts';
import type { Factor } from '../model/factor.ts';

export interface RegionsOptions {
  readonly sort: 'name' | 'price' | 'intensity';
  /** The one cloud whose regions are listed; all are where it is undefined. */
  readonly cloud?: Cloud | undefined;
  readonly dataset: Dataset;
  readonly json?: boolean | undefined;
}

const WORDS = ['region', 'cloud', 'country', 'zone'];
const NUMBERS = ['USD/kWh', 'kg/kWh', 'PUE'];
const ORIGINS = ['price from', 'intensity from', 'PUE from'];
const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '' },
  ...{ 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' },
};
/** What the first words of a source would keep from the reader. */
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
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 };
  const head = [...WORDS, ...NUMBERS, ...ORIGINS];
  const colAligns = head.map((name) => (NUMBERS.includes(name) ? ('right' as const) : ('left' as const)));
  const table = new Table({ chars: NO_BORDERS, style, head, colAligns });
  for (const { name, cloud, country, zone, price, intensity, pue } of listed) {
    const factors = [price, intensity, pue];
    const values = factors.map((factor) => (factor ? String(factor.value) : '–'));
    table.push([name, cloud, country, zone, ...values, ...factors.map(originOf)]);
  }
  return table.toString().replace(/ +$/gm, '');
}

/** Who says so, what is to be said against it, and the year. */
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
