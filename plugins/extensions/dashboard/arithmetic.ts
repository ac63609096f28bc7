import { findRegion, integrate, JOULES_PER_KWH, SECONDS_PER_HOUR } from 'wattline/figures';
import type { Series } from 'wattline/plugin';
import { factorRecords, type KnownFactor } from './factor-records.ts';

/** The numbers of a run that its figures are calculated from; null where unknown. */
export interface Ingredients {
  readonly region: string | null;
  readonly duration: number | null;
  readonly joules: number | null;
  readonly core_seconds: number | null;
  readonly total_usd: number | null;
  readonly energy_usd: number | null;
  readonly compute_usd: number | null;
  readonly co2_kg: number | null;
  readonly power: Series | undefined;
  readonly cpu: Series | undefined;
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

/** The calculation of a figure from an amount: by a factor, and by the PUE where it was applied. */
export interface Valued {
  /** The factor of the run's record, otherwise of the table, otherwise the charged one, without a source. */
  readonly factor?: KnownFactor;
  readonly pue?: number;
}

/** The calculation of a run's figures from its samples; without the parts that the run does not have. */
export interface Arithmetic {
  readonly energy?: { readonly integral?: Integral; readonly joules: number; readonly kwh: number };
  readonly cpu?: { readonly integral?: Integral; readonly core_seconds: number; readonly core_hours: number };
  readonly energy_cost?: Valued & { readonly usd: number };
  readonly compute_cost?: Valued & { readonly usd: number };
  readonly total_cost?: { readonly usd: number; readonly of: readonly ('energy' | 'compute')[] };
  /** By location. */
  readonly emissions?: Valued & { readonly kg: number };
  readonly emissions_market?: Valued & { readonly kg: number };
  readonly emissions_marginal?: Valued & { readonly kg: number };
}

/** Returns the calculation of a run's figures. */
export function arithmeticOf(run: Ingredients): Arithmetic {
  const kwh = run.joules === null ? null : run.joules / JOULES_PER_KWH;
  const coreHours = run.core_seconds === null ? null : run.core_seconds / SECONDS_PER_HOUR;
  const table = run.region === null ? undefined : findRegion(run.region);
  const records = new Map(factorRecords(run.attributes).map((record) => [record.use, record]));
  const pue = run.attributes['energy.pue'];
  const valued = (result: number, amount: number | null, unit: string, ...known: (KnownFactor | undefined)[]) =>
    valuedBy(result, amount, { unit, pue: typeof pue === 'number' ? pue : 1, known });
  const byMethod = (method: string) => run.figures[`co2_emissions_kg (${method})`]?.value;
  const [market, marginal] = [byMethod('market'), byMethod('marginal')];
  const intensity = records.get('intensity');
  return {
    ...(kwh !== null && { energy: { ...integralOf(run, 'power'), joules: run.joules as number, kwh } }),
    ...(coreHours !== null && {
      cpu: { ...integralOf(run, 'cpu'), core_seconds: run.core_seconds as number, core_hours: coreHours },
    }),
    ...(run.energy_usd !== null && {
      energy_cost: {
        usd: run.energy_usd,
        ...valued(run.energy_usd, kwh, 'USD/kWh', records.get('price'), table?.price),
      },
    }),
    ...(run.compute_usd !== null && {
      compute_cost: {
        usd: run.compute_usd,
        ...valued(run.compute_usd, coreHours, 'USD/core-h', records.get('core_price')),
      },
    }),
    ...(run.total_usd !== null && { total_cost: { usd: run.total_usd, of: partsOf(run) } }),
    ...(run.co2_kg !== null && {
      emissions: { kg: run.co2_kg, ...valued(run.co2_kg, kwh, 'kg/kWh', intensity, table?.intensity) },
    }),
    ...(market !== undefined && {
      emissions_market: { kg: market, ...valued(market, kwh, 'kg/kWh', records.get('intensity_market')) },
    }),
    ...(marginal !== undefined && {
      emissions_marginal: { kg: marginal, ...valued(marginal, kwh, 'kg/kWh', intensity) },
    }),
  };
}

const signals = { power: 'power_watts', cpu: 'cpu_usage_cores' } as const;

function integralOf(run: Ingredients, signal: keyof typeof signals): { integral?: Integral } {
  const series = run[signal];
  if (!series?.length) return {};
  const stated = run.attributes[`run.sampling.${signals[signal]}`] ?? run.attributes['run.sampling'];
  const sampling = stated === 'interval' ? 'interval' : 'instant';
  const integral = integrate(series, { sampling, duration: run.duration ?? undefined });
  const missing = series.values.filter(Number.isNaN).length;
  const method = series.length === 1 ? 'rectangle' : sampling === 'interval' ? 'intervals' : 'trapezoids';
  const counts = { samples: series.length - missing, ...(missing > 0 && { missing }) };
  return { integral: { method, ...counts, step_s: series.step ?? null, span_s: integral?.span ?? 0 } };
}

interface ValuedOptions {
  readonly unit: string;
  readonly pue: number;
  /** Possible factors, the likeliest first. */
  readonly known: readonly (KnownFactor | undefined)[];
}

/** Returns the first known factor that gives the result, with or without the PUE; otherwise the quotient. */
function valuedBy(result: number, amount: number | null, { unit, pue, known }: ValuedOptions): Valued {
  if (amount === null || amount === 0) return {};
  for (const factor of known) {
    if (!factor) continue;
    if (isNear(amount * factor.value, result)) return { factor: recordOf(factor) };
    if (isNear(amount * pue * factor.value, result)) return { factor: recordOf(factor), pue };
  }
  // Rounded, to remove the error of the division.
  return { factor: { value: Number((result / amount).toPrecision(12)), unit } };
}

function recordOf({ id, value, unit, source, year, method, state }: KnownFactor): KnownFactor {
  return { id, value, unit, source, year, method, state };
}

function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b));
}

/** Returns the parts of a total where they add up to it, otherwise none. */
function partsOf({ total_usd, energy_usd, compute_usd }: Ingredients): ('energy' | 'compute')[] {
  const parts = [['energy', energy_usd] as const, ['compute', compute_usd] as const].filter(([, usd]) => usd !== null);
  const sum = parts.reduce((all, [, usd]) => all + (usd as number), 0);
  const adds = Math.abs(sum - (total_usd as number)) <= 1e-12 * Math.abs(sum);
  return adds ? parts.map(([part]) => part) : [];
}
