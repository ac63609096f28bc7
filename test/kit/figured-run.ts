import type { Attributes } from '@opentelemetry/api';
import { cpuUsage, figure, hostPower, Run, Series, samplesOf, toHrTime } from '../../src/plugin/index.ts';

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
  /** Whether the price of CPU time includes that of energy. */
  readonly includesEnergy?: boolean;
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
export function figuredRun(run: FiguredRun): Run {
  const { scenario, region, encoder, bitrate, start, end, includesEnergy, attributes = {} } = run;
  const who = { scenario, region, encoder, bitrate, 'run.start_time': start, 'run.end_time': end, ...attributes };
  const samples = [[hostPower, run.power] as const, [cpuUsage, run.cpu] as const].flatMap(([signal, values]) =>
    values ? [samplesOf(signal, Series.regular(toHrTime(start ?? 0), 5, Float64Array.from(values)), 'test')] : [],
  );
  const values = [run.energyUsd, run.computeUsd, run.totalUsd, run.co2Kg];
  const figures = Object.entries(units).flatMap(([name, unit], i) => {
    const value = values[i];
    const labels = includesEnergy && name === 'cost_energy_load_aware' ? { included_in: 'compute' } : undefined;
    return value === undefined ? [] : [figure({ name, unit, description: '', scope: 'test' }, value, labels)];
  });
  return Run.of(who as Attributes, { samples, figures });
}
