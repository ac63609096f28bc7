import type { Attributes } from '@opentelemetry/api';
import {
  type Batch,
  cpuUsage,
  extendRun,
  figureGauge,
  hostPower,
  makeRun,
  Series,
  signalGauge,
  toHrTime,
} from '../../src/plugin/index.ts';

/** What a run is made of; what is left out it does not have. Times are seconds since 1970. */
export interface FiguredRun {
  readonly scenario?: string;
  readonly region?: string;
  readonly encoder?: string;
  readonly bitrate?: string;
  readonly start?: number;
  readonly end?: number;
  /** Samples, five seconds apart. */
  readonly power?: readonly number[];
  readonly cpu?: readonly number[];
  readonly energyUsd?: number;
  readonly computeUsd?: number;
  readonly totalUsd?: number;
  readonly co2Kg?: number;
  readonly attributes?: Attributes;
}

const units = {
  cost_energy_load_aware: '{USD}',
  cost_compute_load_aware: '{USD}',
  cost_total_load_aware: '{USD}',
  co2_emissions_kg: 'kg{CO2e}',
} as const;

/** A run as it leaves the last processor. */
export function figuredRun(run: FiguredRun): Batch {
  const { scenario, region, encoder, bitrate, start, end, attributes = {} } = run;
  const who = { scenario, region, encoder, bitrate, 'run.start_time': start, 'run.end_time': end, ...attributes };
  const known = Object.fromEntries(Object.entries(who).filter(([, value]) => value !== undefined));
  const signals = [[hostPower, run.power] as const, [cpuUsage, run.cpu] as const].flatMap(([signal, values]) =>
    values ? [signalGauge(signal, Series.regular(toHrTime(start ?? 0), 5, Float64Array.from(values)))] : [],
  );
  const measured = makeRun(known as Attributes, 'test', signals);
  const values = [run.energyUsd, run.computeUsd, run.totalUsd, run.co2Kg];
  const figures = Object.entries(units).flatMap(([name, unit], i) => {
    const value = values[i];
    return value === undefined ? [] : [figureGauge({ name, unit, description: '' }, value, measured)];
  });
  return extendRun(measured, 'test', figures);
}
