import type { Factor } from '../model/factor.ts';
import { DEFAULT } from './defaults.ts';
import table from './list-prices.json' with { type: 'json' };
import type { Cloud } from './regions.ts';

/** What a cloud asks on demand for a machine with Linux, a row of the data file; every size of its family costs the same by vCPU. */
export interface ListPrice {
  readonly cloud: Cloud;
  readonly family: string;
  /** The region that the price is of. */
  readonly region: string;
  readonly type: string;
  /** Hardware threads, or cores where the machine has no other. */
  readonly vcpus: number;
  readonly usd_per_hour: number;
  /** The day that the price is of, the address of the file that it was read in, and the licence of that. */
  readonly date: string;
  readonly source: string;
  readonly licence: string;
}

/** The list prices of families of machines, at most one of each. */
export const listPrices = table as readonly ListPrice[];

const UNIT = 'USD/core-hour';

/** The price of CPU time that holds where nobody gave one. */
export const defaultCorePrice: Factor = {
  id: 'core_price/default',
  quantity: 'core_price',
  value: 0.5,
  unit: UNIT,
  ...DEFAULT,
  state: 'static',
};

/** The families of the types of machines, by how each cloud writes them; `metal`, constrained and burstable sizes are none. */
const FORMS: Readonly<Record<Cloud, RegExp>> = {
  aws: /^([a-z]\w*)\.(?:medium|large|\d*xlarge)$/,
  gcp: /^(?:projects\/[^/]+\/machineTypes\/)?([a-z]\w*-(?:standard|highcpu|highmem))-\d+$/,
  azure: /^Standard_([A-Z]+)\d+([a-z]*)_(v\d+)$/,
};

let known: ReadonlyMap<string, Factor> | undefined;

/**
 * Returns the list price of a vCPU-hour, in USD, of a type of machine such as `m6i.xlarge`, `n2-standard-8` or
 * `Standard_D4s_v5`; undefined where that of its family is not known.
 */
export function listPriceOf(type: string): Factor | undefined {
  known ??= new Map(listPrices.map((row) => [`${row.cloud}/${row.family}`, factorOf(row)]));
  for (const [cloud, form] of Object.entries(FORMS)) {
    const [, ...parts] = form.exec(type) ?? [];
    const found = parts.length ? known.get(`${cloud}/${parts.join('')}`) : undefined;
    if (found) return found;
  }
  return undefined;
}

const CLOUDS: Readonly<Record<Cloud, string>> = { aws: 'AWS', gcp: 'Google Cloud', azure: 'Azure' };

function factorOf({ cloud, family, region, type, vcpus, usd_per_hour, date, source }: ListPrice): Factor {
  const [, repository, commit] = /^https:\/\/github\.com\/([^/]+\/[^/]+)\/blob\/(\w{7})/.exec(source) ?? [];
  return {
    id: `core_price/${cloud}/${region}/${family}`,
    quantity: 'core_price',
    value: usd_per_hour / vcpus,
    unit: UNIT,
    source: `${CLOUDS[cloud]} list price of ${type} in ${region}, on demand, by vCPU, of ${date}, by way of ${repository} at ${commit}`,
    year: Number(date.slice(0, 4)),
    state: 'static',
  };
}
