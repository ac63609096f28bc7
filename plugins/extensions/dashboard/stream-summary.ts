import { JOULES_PER_KWH, SECONDS_PER_HOUR } from 'wattline/figures';
import type { Counter } from './counter-history.ts';
import type { Quantity } from './counter-points.ts';
import { amountIn, monthStart, rateAt, SILENT_AFTER } from './counter-record.ts';
import { isoTime } from './iso-time.ts';
import type { StreamSelection } from './selection.ts';

/** The maximum number of named rows of a group; all others are one row. */
const NAMED = 100;

/** What streams are grouped by. */
const groups = ['scenario', 'namespace', 'host'] as const;

/** What streams use now, by rates over the last minutes, and have used this month; null is what is not known. */
export interface StreamNumbers {
  readonly power_w: number | null;
  readonly cpu_cores: number | null;
  /** The sum of the costs below that are known, as each of both here, without the energy that the price of CPU time includes. */
  readonly cost_per_hour_usd: number | null;
  readonly cost_energy_per_hour_usd: number | null;
  readonly cost_energy_included_per_hour_usd: number | null;
  readonly cost_compute_per_hour_usd: number | null;
  readonly co2_per_hour_kg: number | null;
  readonly energy_month_kwh: number | null;
  readonly cpu_month_core_h: number | null;
  readonly cost_month_usd: number | null;
  readonly cost_energy_month_usd: number | null;
  readonly cost_compute_month_usd: number | null;
  readonly co2_month_kg: number | null;
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
export function summariseStreams(all: readonly Counter[], selection: StreamSelection, now: number) {
  const month = monthStart(now);
  const current = all.filter(({ record }) => record.at >= month - SILENT_AFTER);
  const counters = current.filter((counter) => isSelected(counter, selection));
  const since = counters.map(({ record }) => (record.month === month ? record.month_since : month));
  const [by_scenario, by_namespace, by_host] = groups.map((group) => rowsBy(group, counters, now));
  return {
    /** How many counters are selected, and how many there are. */
    counters: counters.length,
    all_counters: current.length,
    totals: numbersOf(counters, now),
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

function rowsBy(group: (typeof groups)[number], counters: readonly Counter[], now: number): StreamRow[] {
  const byName = [...Map.groupBy(counters, (counter) => counter[group])];
  const rows = byName.map(([name, own]) => ({ own, row: { name, names: 1, ...numbersOf(own, now) } }));
  const weightOf = ({ cost_month_usd, energy_month_kwh }: StreamNumbers) => [
    cost_month_usd ?? 0,
    energy_month_kwh ?? 0,
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
  );
  return [...list, { names: others.length, ...together }];
}

function numbersOf(counters: readonly Counter[], now: number): StreamNumbers {
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
  const [energyNow, computeNow] = [rateOf('energy_usd', SECONDS_PER_HOUR), rateOf('compute_usd', SECONDS_PER_HOUR)];
  const [energy, compute] = [amountOf('energy_usd'), amountOf('compute_usd')];
  const includedNow = rateOf('included_energy_usd', SECONDS_PER_HOUR);
  return {
    power_w: rateOf('joules'),
    cpu_cores: rateOf('core_seconds'),
    cost_per_hour_usd: sumOfKnown(energyNow, computeNow),
    cost_energy_per_hour_usd: sumOfKnown(energyNow, includedNow),
    cost_energy_included_per_hour_usd: includedNow,
    cost_compute_per_hour_usd: computeNow,
    co2_per_hour_kg: rateOf('co2_kg', SECONDS_PER_HOUR),
    energy_month_kwh: amountOf('joules', JOULES_PER_KWH),
    cpu_month_core_h: amountOf('core_seconds', SECONDS_PER_HOUR),
    cost_month_usd: sumOfKnown(energy, compute),
    cost_energy_month_usd: sumOfKnown(energy, amountOf('included_energy_usd')),
    cost_compute_month_usd: compute,
    co2_month_kg: amountOf('co2_kg'),
    last_at: isoTime(latest(counters.map(({ record }) => record.at))),
  };
}

function latest(times: readonly number[]): number {
  return times.reduce((last, time) => Math.max(last, time), Number.NEGATIVE_INFINITY);
}

function sumOfKnown(a: number | null, b: number | null): number | null {
  return a === null && b === null ? null : (a ?? 0) + (b ?? 0);
}
