import { applyFactor, integrate, JOULES_PER_KWH, knownFigures, SECONDS_PER_HOUR } from 'wattline/figures';
import { type ShownRecord, shownRecords } from './factor-records.ts';
import { type Money, usDollars } from './money.ts';
import type { RunRecord } from './run-record.ts';

/** The numbers of a run that its figures are calculated from; null where unknown. */
export interface Ingredients
  extends Pick<RunRecord, 'region' | 'duration' | 'joules' | 'core_seconds' | 'power' | 'cpu'>,
    Pick<RunRecord, 'total_usd' | 'energy_usd' | 'compute_usd' | 'co2_kg'>,
    Partial<Pick<RunRecord, 'energy_included'>> {
  /** The run's attributes, and its figures by name. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly figures: Readonly<Record<string, { readonly value: number }>>;
}

/** The integration of samples. */
export interface Integral {
  /** Trapezoids between instants, intervals where samples are means, or a rectangle of a single sample. */
  readonly method: 'trapezoids' | 'intervals' | 'rectangle';
  /** The number of samples with a value; those without leave gaps and are counted separately. */
  readonly samples: number;
  readonly missing?: number;
  /** Seconds between two samples; null where they are not evenly spaced. */
  readonly step_s: number | null;
  /** The duration of the integration in seconds. */
  readonly span_s: number;
}

export type Arithmetic = ReturnType<typeof arithmeticOf>;

/** Returns the calculation of a run's figures from its samples; parts that the run does not have are undefined. */
export function arithmeticOf(run: Ingredients, money: Money = usDollars) {
  const kwh = run.joules === null ? null : run.joules / JOULES_PER_KWH;
  const coreHours = run.core_seconds === null ? null : run.core_seconds / SECONDS_PER_HOUR;
  const records = shownRecords(run.attributes);
  const record = (use: string, isMarginal = false) =>
    records.find((one) => one.use === use && (one.method === 'marginal') === isMarginal);
  const byMethod = (method: string) => run.figures[`co2_emissions_kg (${method})`]?.value ?? null;
  const { suffix } = money;
  const costs = costsIn(run, money);
  const rate = money.currency === 'USD' ? undefined : record(`exchange_rate.${suffix}`);
  const cost = (usd: number | null, own: number | null, use: string, amount: number | null) => {
    if (own === null) return undefined;
    const isUsd = money.currency === 'USD';
    const isExplained = isUsd || (usd !== null && rate && isNear(applyFactor(usd, 1, 1, rate.value), own, 1e-9));
    const applied = isExplained && usd !== null ? appliedFactor(record(use), amount, usd) : {};
    return { [suffix]: own, ...applied, ...('factor' in applied && rate && { rate: rateOf(rate) }) };
  };
  const emissions = (kg: number | null, factor: ShownRecord | undefined) =>
    kg === null ? undefined : { kg, ...appliedFactor(factor, kwh, kg) };
  return {
    energy: kwh === null ? undefined : { integral: integralOf(run, 'power'), joules: run.joules, kwh },
    cpu:
      coreHours === null
        ? undefined
        : { integral: integralOf(run, 'cpu'), core_seconds: run.core_seconds, core_hours: coreHours },
    energy_cost: cost(run.energy_usd, costs.energy, 'price', kwh),
    compute_cost: cost(run.compute_usd, costs.compute, 'core_price', coreHours),
    total_cost: costs.total === null ? undefined : { [suffix]: costs.total, ...sumOf(costs.total, costs, run) },
    /** By location. */
    emissions: emissions(run.co2_kg, record('intensity')),
    emissions_market: emissions(byMethod('market'), record('intensity_market')),
    emissions_marginal: emissions(byMethod('marginal'), record('intensity', true)),
  };
}

/** Returns what a run cost in the currency of the page. */
function costsIn({ figures, ...run }: Ingredients, { currency, nameOf }: Money) {
  if (currency === 'USD') return { energy: run.energy_usd, compute: run.compute_usd, total: run.total_usd };
  const amountOf = ({ name }: { readonly name: string }) => figures[nameOf(name)]?.value ?? null;
  const { energyCost, computeCost, totalCost } = knownFigures;
  return { energy: amountOf(energyCost), compute: amountOf(computeCost), total: amountOf(totalCost) };
}

/** Returns a rate by which amounts in USD were multiplied. */
function rateOf({ use: _, ...rate }: ShownRecord) {
  return rate;
}

const signals = { power: 'power_watts', cpu: 'cpu_usage_cores' } as const;

function integralOf(run: Ingredients, signal: keyof typeof signals): Integral | undefined {
  const series = run[signal];
  if (!series?.length) return undefined;
  const stated = run.attributes[`run.sampling.${signals[signal]}`] ?? run.attributes['run.sampling'];
  const sampling = stated === 'interval' ? 'interval' : 'instant';
  const integral = integrate(series, { sampling, duration: run.duration ?? undefined });
  const missing = series.values.filter(Number.isNaN).length;
  const method = series.length === 1 ? 'rectangle' : sampling === 'interval' ? 'intervals' : 'trapezoids';
  const counts = { samples: series.length - missing, ...(missing > 0 && { missing }) };
  return { method, ...counts, step_s: series.step ?? null, span_s: integral?.span ?? 0 };
}

/**
 * Returns the factor of a result, and the PUE where it was applied; nothing where the record does not lead from the
 * amount to the result, such as one that was replaced later.
 */
function appliedFactor(record: ShownRecord | undefined, amount: number | null, result: number) {
  if (!record || amount === null || amount === 0) return {};
  const { use: _, pue, ...factor } = record;
  if (!isNear(applyFactor(amount, 1, pue ?? 1, factor.value), result, 1e-9)) return {};
  return { factor, pue };
}

/** Returns the parts of a total where they add up to it, otherwise none, and whether the price of CPU time includes energy. */
function sumOf(
  total: number,
  { energy, compute }: Pick<ReturnType<typeof costsIn>, 'energy' | 'compute'>,
  { energy_included }: Ingredients,
) {
  const costs = { energy: energy_included ? null : energy, compute };
  const known = (['energy', 'compute'] as const).filter((part) => costs[part] !== null);
  const of = isNear((costs.energy ?? 0) + (costs.compute ?? 0), total, 1e-12) ? known : [];
  return { of, ...(energy_included && { includes_energy: true }) };
}

function isNear(a: number, b: number, tolerance: number): boolean {
  return Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
}
