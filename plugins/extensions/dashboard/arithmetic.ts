import {
  applyFactor,
  type FactorRecord,
  factorRecords,
  integrate,
  JOULES_PER_KWH,
  SECONDS_PER_HOUR,
} from 'wattline/figures';
import type { Series } from 'wattline/plugin';

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

/** The calculation of a figure from an amount, where the run has the record of its factor. */
export interface AppliedFactor {
  readonly factor?: Omit<FactorRecord, 'use' | 'pue'>;
  /** The PUE where it was applied. */
  readonly pue?: number;
}

/** The calculation of a run's figures from its samples; without the parts that the run does not have. */
export interface Arithmetic {
  readonly energy?: { readonly integral?: Integral; readonly joules: number; readonly kwh: number };
  readonly cpu?: { readonly integral?: Integral; readonly core_seconds: number; readonly core_hours: number };
  readonly energy_cost?: AppliedFactor & { readonly usd: number };
  readonly compute_cost?: AppliedFactor & { readonly usd: number };
  readonly total_cost?: { readonly usd: number; readonly of: readonly ('energy' | 'compute')[] };
  /** By location. */
  readonly emissions?: AppliedFactor & { readonly kg: number };
  readonly emissions_market?: AppliedFactor & { readonly kg: number };
  readonly emissions_marginal?: AppliedFactor & { readonly kg: number };
}

/** Returns the calculation of a run's figures. */
export function arithmeticOf(run: Ingredients): Arithmetic {
  const kwh = run.joules === null ? null : run.joules / JOULES_PER_KWH;
  const coreHours = run.core_seconds === null ? null : run.core_seconds / SECONDS_PER_HOUR;
  const records = factorRecords(run.attributes);
  const record = (use: string, isMarginal = false) =>
    records.find((one) => one.use === use && (one.method === 'marginal') === isMarginal);
  const byMethod = (method: string) => run.figures[`co2_emissions_kg (${method})`]?.value;
  const [market, marginal] = [byMethod('market'), byMethod('marginal')];
  return {
    ...(kwh !== null && { energy: { ...integralOf(run, 'power'), joules: run.joules as number, kwh } }),
    ...(coreHours !== null && {
      cpu: { ...integralOf(run, 'cpu'), core_seconds: run.core_seconds as number, core_hours: coreHours },
    }),
    ...(run.energy_usd !== null && {
      energy_cost: {
        usd: run.energy_usd,
        ...appliedFactor(record('price'), kwh, run.energy_usd),
      },
    }),
    ...(run.compute_usd !== null && {
      compute_cost: {
        usd: run.compute_usd,
        ...appliedFactor(record('core_price'), coreHours, run.compute_usd),
      },
    }),
    ...(run.total_usd !== null && { total_cost: { usd: run.total_usd, of: partsOf(run) } }),
    ...(run.co2_kg !== null && {
      emissions: { kg: run.co2_kg, ...appliedFactor(record('intensity'), kwh, run.co2_kg) },
    }),
    ...(market !== undefined && {
      emissions_market: { kg: market, ...appliedFactor(record('intensity_market'), kwh, market) },
    }),
    ...(marginal !== undefined && {
      emissions_marginal: { kg: marginal, ...appliedFactor(record('intensity', true), kwh, marginal) },
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

/** Returns what the record says where it makes the result of the amount; one that was replaced since then does not. */
function appliedFactor(record: FactorRecord | undefined, amount: number | null, result: number): AppliedFactor {
  if (!record || amount === null || amount === 0) return {};
  const { use: _, pue, ...factor } = record;
  if (!isNear(applyFactor(amount, 1, pue ?? 1, factor.value), result)) return {};
  return { factor, ...(pue !== undefined && { pue }) };
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
