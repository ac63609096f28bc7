import { JOULES_PER_KWH, SECONDS_PER_HOUR } from 'wattline/figures';
import type { Counter } from './counter-history.ts';
import type { Quantity } from './counter-points.ts';
import { amountIn, monthStart, rateAt, SILENT_AFTER } from './counter-record.ts';
import { isoTime } from './iso-time.ts';
import { type Money, usDollars } from './money.ts';
import type { StreamSelection } from './selection.ts';

/** The maximum number of named rows of a group; all others are one row. */
const NAMED = 100;

/** What streams are grouped by. */
const groups = ['scenario', 'namespace', 'host'] as const;

/** What streams use now, by rates over the last minutes, and have used this month; null is what is not known. */
export interface StreamNumbers {
  readonly power_w: number | null;
  readonly cpu_cores: number | null;
  readonly co2_per_hour_kg: number | null;
  readonly energy_month_kwh: number | null;
  readonly cpu_month_core_h: number | null;
  readonly co2_month_kg: number | null;
  /** Costs in the currency of the page, as `cost_month_usd`: the sum of those of energy and of compute that are known. */
  readonly [cost: `cost_${string}`]: number | null;
  /** The time of the last value that was higher than the one before, in ISO 8601. */
  readonly last_at: string | null;
}

/** The sums of a name: null for streams that have none, undefined for all names beyond the costliest. */
export interface StreamRow extends StreamNumbers {
  readonly name?: string | null;
  /** How many names it stands for. */
  readonly names: number;
}

/**
 * Returns what the selected streams use at a moment (seconds since 1970) and have used in its month, by scenario, namespace
 * and host. Each list begins with what has cost most this month; what has used nothing in it is left out.
 */
export function summariseStreams(
  all: readonly Counter[],
  selection: StreamSelection,
  now: number,
  money: Money = usDollars,
) {
  const month = monthStart(now);
  const current = all.filter(({ record }) => record.at >= month - SILENT_AFTER);
  const counters = current.filter((counter) => isSelected(counter, selection));
  const since = counters.map(({ record }) => (record.month === month ? record.month_since : month));
  const [by_scenario, by_namespace, by_host] = groups.map((group) => rowsBy(group, counters, now, money));
  return {
    /** How many counters are selected, and how many there are. */
    counters: counters.length,
    all_counters: current.length,
    totals: numbersOf(counters, now, money),
    month: {
      from_at: isoTime(month),
      /** Since when all of the counters are known: what some used before is not among the sums of the month. */
      since_at: isoTime(latest([month, ...since])),
    },
    /** The last value of any counter, of this month or of an earlier one. */
    last_at: isoTime(latest(all.map(({ record }) => record.at))),
    ...{ by_scenario, by_namespace, by_host },
  };
}

function isSelected(counter: Counter, { scenario, search, region, encoder }: StreamSelection): boolean {
  if (scenario !== undefined && counter.scenario !== scenario) return false;
  if (region !== undefined && counter.region !== region) return false;
  if (encoder !== undefined && counter.encoder !== encoder) return false;
  return search === undefined || (counter.scenario ?? '').toLowerCase().includes(search.toLowerCase());
}

function rowsBy(group: (typeof groups)[number], counters: readonly Counter[], now: number, money: Money): StreamRow[] {
  const byName = [...Map.groupBy(counters, (counter) => counter[group])];
  const rows = byName.map(([name, own]) => ({ own, row: { name, names: 1, ...numbersOf(own, now, money) } }));
  const weightOf = (numbers: StreamNumbers) => [
    numbers[`cost_month_${money.suffix}`] ?? 0,
    numbers.energy_month_kwh ?? 0,
  ];
  rows.sort((a, b) => {
    const [[costA = 0, energyA = 0], [costB = 0, energyB = 0]] = [weightOf(a.row), weightOf(b.row)];
    return costB - costA || energyB - energyA || String(a.row.name).localeCompare(String(b.row.name));
  });
  const named = rows.length > NAMED + 1 ? rows.slice(0, NAMED) : rows;
  const others = rows.slice(named.length);
  const list: StreamRow[] = named.map(({ row }) => row);
  if (others.length === 0) return list;
  const together = numbersOf(
    others.flatMap(({ own }) => own),
    now,
    money,
  );
  return [...list, { names: others.length, ...together }];
}

function numbersOf(counters: readonly Counter[], now: number, { suffix }: Money): StreamNumbers {
  const month = monthStart(now);
  const sums = new Map<Quantity, { rate: number; amount: number }>();
  // Without any rate nothing is known of now; beside another one, a counter that does not rise is one that uses nothing.
  let isHeard = false;
  for (const { quantity, record } of counters) {
    const sum = sums.get(quantity) ?? { rate: 0, amount: 0 };
    const rate = rateAt(record, now);
    if (rate !== undefined) isHeard = true;
    sum.rate += rate ?? 0;
    sum.amount += amountIn(month, record);
    sums.set(quantity, sum);
  }
  const rateOf = (quantity: Quantity, seconds = 1) => {
    const sum = sums.get(quantity);
    return sum && isHeard ? sum.rate * seconds : null;
  };
  const amountOf = (quantity: Quantity, divisor = 1) => {
    const sum = sums.get(quantity);
    return sum ? sum.amount / divisor : null;
  };
  const [ofEnergy, ofCompute] = [`energy_${suffix}`, `compute_${suffix}`] as const;
  const [energyNow, computeNow] = [rateOf(ofEnergy, SECONDS_PER_HOUR), rateOf(ofCompute, SECONDS_PER_HOUR)];
  const [energy, compute] = [amountOf(ofEnergy), amountOf(ofCompute)];
  const ofIncluded = `included_energy_${suffix}` as const;
  const includedNow = rateOf(ofIncluded, SECONDS_PER_HOUR);
  const costs: Record<`cost_${string}`, number | null> = {
    [`cost_per_hour_${suffix}`]: sumOfKnown(energyNow, computeNow),
    [`cost_energy_per_hour_${suffix}`]: sumOfKnown(energyNow, includedNow),
    [`cost_energy_included_per_hour_${suffix}`]: includedNow,
    [`cost_compute_per_hour_${suffix}`]: computeNow,
    [`cost_month_${suffix}`]: sumOfKnown(energy, compute),
    [`cost_energy_month_${suffix}`]: sumOfKnown(energy, amountOf(ofIncluded)),
    [`cost_compute_month_${suffix}`]: compute,
  };
  return {
    power_w: rateOf('joules'),
    cpu_cores: rateOf('core_seconds'),
    co2_per_hour_kg: rateOf('co2_kg', SECONDS_PER_HOUR),
    energy_month_kwh: amountOf('joules', JOULES_PER_KWH),
    cpu_month_core_h: amountOf('core_seconds', SECONDS_PER_HOUR),
    co2_month_kg: amountOf('co2_kg'),
    ...costs,
    last_at: isoTime(latest(counters.map(({ record }) => record.at))),
  };
}

function latest(times: readonly number[]): number {
  return times.reduce((last, time) => Math.max(last, time), Number.NEGATIVE_INFINITY);
}

function sumOfKnown(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}
