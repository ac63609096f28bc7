import { type Factor, findRegion, JOULES_PER_KWH, SECONDS_PER_HOUR, type Series } from 'wattline/plugin';

/** The numbers of a run that its figures are made of, each null where it is not known. */
export interface Ingredients {
  readonly region: string | null;
  readonly joules: number | null;
  readonly core_seconds: number | null;
  readonly total_usd: number | null;
  readonly energy_usd: number | null;
  readonly compute_usd: number | null;
  readonly co2_kg: number | null;
  readonly power: Series | undefined;
  readonly cpu: Series | undefined;
}

/** How samples became an integral. */
export interface Integral {
  readonly method: 'trapezoids' | 'rectangle';
  readonly samples: number;
  /** Seconds between two samples; null where they are unevenly spaced. */
  readonly step_s: number | null;
  readonly span_s: number;
}

/** A factor of a figure: the ratio of what came out and what went in, and where it is from as far as that is known. */
export interface FactorUsed {
  readonly value: number;
  readonly unit: string;
  /** Undefined where nothing says where it is from: it is then known only as charged. */
  readonly source?: string;
  readonly year?: number;
}

/** The way from a run's samples to its figures; absent is what the run does not have. */
export interface Arithmetic {
  readonly energy?: { readonly integral?: Integral; readonly joules: number; readonly kwh: number };
  readonly cpu?: { readonly integral?: Integral; readonly core_seconds: number; readonly core_hours: number };
  readonly energy_cost?: { readonly usd: number; readonly factor?: FactorUsed };
  readonly compute_cost?: { readonly usd: number; readonly factor?: FactorUsed };
  readonly total_cost?: { readonly usd: number; readonly of: readonly ('energy' | 'compute')[] };
  readonly emissions?: { readonly kg: number; readonly factor?: FactorUsed };
}

/** Retraces how the figures of a run came about. */
export function arithmeticOf(run: Ingredients): Arithmetic {
  const kwh = run.joules === null ? null : run.joules / JOULES_PER_KWH;
  const coreHours = run.core_seconds === null ? null : run.core_seconds / SECONDS_PER_HOUR;
  const table = run.region === null ? undefined : findRegion(run.region);
  const price = factorOf(run.energy_usd, kwh, 'USD/kWh');
  const rate = factorOf(run.compute_usd, coreHours, 'USD/core-h');
  const intensity = factorOf(run.co2_kg, kwh, 'kg/kWh');
  return {
    ...(kwh !== null && { energy: { ...integralOf(run.power), joules: run.joules as number, kwh } }),
    ...(coreHours !== null && {
      cpu: { ...integralOf(run.cpu), core_seconds: run.core_seconds as number, core_hours: coreHours },
    }),
    ...(run.energy_usd !== null && {
      energy_cost: { usd: run.energy_usd, ...withSource(price, table?.price) },
    }),
    ...(run.compute_usd !== null && { compute_cost: { usd: run.compute_usd, ...(rate && { factor: rate }) } }),
    ...(run.total_usd !== null && { total_cost: { usd: run.total_usd, of: partsOf(run) } }),
    ...(run.co2_kg !== null && { emissions: { kg: run.co2_kg, ...withSource(intensity, table?.intensity) } }),
  };
}

function integralOf(series: Series | undefined): { integral?: Integral } {
  if (!series?.length) return {};
  const single = series.length === 1;
  const span = single ? (series.step ?? 0) : series.offset(series.length - 1);
  const method = single ? 'rectangle' : 'trapezoids';
  return { integral: { method, samples: series.length, step_s: series.step ?? null, span_s: span } };
}

/** The quotient without the noise of the division. */
function factorOf(result: number | null, amount: number | null, unit: string): FactorUsed | undefined {
  if (result === null || amount === null || amount === 0) return undefined;
  return { value: Number((result / amount).toPrecision(12)), unit };
}

/** A factor that is the table's own has the table's source. */
function withSource(factor: FactorUsed | undefined, known: Factor | undefined): { factor?: FactorUsed } {
  if (!factor) return {};
  if (!known || factor.value !== known.value) return { factor };
  const { source, year } = known;
  return { factor: { ...factor, source, ...(year !== undefined && { year }) } };
}

/** What a total is the sum of, as far as the parts add up to it. */
function partsOf({ total_usd, energy_usd, compute_usd }: Ingredients): ('energy' | 'compute')[] {
  const parts = [['energy', energy_usd] as const, ['compute', compute_usd] as const].filter(([, usd]) => usd !== null);
  const sum = parts.reduce((all, [, usd]) => all + (usd as number), 0);
  const adds = Math.abs(sum - (total_usd as number)) <= 1e-12 * Math.abs(sum);
  return adds ? parts.map(([part]) => part) : [];
}
