import { PassThrough } from 'node:stream';
import type { Adviser, AdviserOptions, ValueRuns } from '../../src/advice/advice.ts';
import { numbered } from '../../src/advice/changed-runs.ts';
import { type ValuedAdvice, valueProposals } from '../../src/advice/value-proposals.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { Run } from '../../src/model/run.ts';
import { Series } from '../../src/model/series.ts';
import { cpuUsage, hostPower, samplesOf } from '../../src/model/signals.ts';
import { packagePath } from '../../src/package.ts';
import { silentLogger } from '../../src/service/logger.ts';
import { valueByPipeline } from '../../src/service/value-by-pipeline.ts';

import { randomNumbers } from './random-numbers.ts';

/** A run that is made up for advice. */
export interface MadeRun {
  readonly streams?: number;
  /** Seconds since 1970. */
  readonly start: number;
  /** In seconds. */
  readonly duration?: number;
  /** The samples of power, evenly spaced from the start to the end; one number is all of them. */
  readonly watts: number | readonly number[];
  /** The same of CPU use. */
  readonly cores?: number | readonly number[];
  /** Where it took place; null is not said. */
  readonly region?: string | null;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
}

/** 2026-07-01T00:00:00Z. */
export const JULY = 1_782_864_000;

/** Returns a run that is made up. */
export function madeRun({
  streams,
  start,
  duration = 600,
  watts,
  cores,
  region = 'us-east-1',
  attributes,
}: MadeRun): Run {
  const series = (value: number | readonly number[]) => {
    const values = Float64Array.from(typeof value === 'number' ? [value, value] : value);
    return Series.regular([start, 0], duration / (values.length - 1), values);
  };
  const known = { scenario: 'a run', 'run.start_time': start, 'run.end_time': start + duration };
  const place = region === null ? {} : { region };
  const samples = [
    samplesOf(hostPower, series(watts)),
    ...(cores === undefined ? [] : [samplesOf(cpuUsage, series(cores))]),
  ];
  return Run.of(
    { ...known, ...place, ...(streams !== undefined && { 'run.streams': streams }), ...attributes },
    { samples },
  );
}

/** Returns what values runs by `config/advise.yaml` with values set as `--set` does. */
export async function packagedPipeline(...set: readonly string[]): Promise<ValueRuns> {
  const configuration = await loadConfiguration([packagePath('config/advise.yaml')], { environment: {}, set });
  const [pipeline] = configuration.pipelines;
  if (!pipeline) throw new Error('config/advise.yaml has a pipeline');
  const signal = new AbortController().signal;
  return valueByPipeline(configuration, pipeline, { stdout: new PassThrough(), signal, logger: silentLogger() });
}

/** Has an adviser look at runs, and values what it finds. */
export async function advised(
  adviser: Adviser,
  runs: readonly Run[],
  value: ValueRuns,
  options: Partial<AdviserOptions> = {},
): Promise<ValuedAdvice> {
  const given = numbered(runs);
  const { proposals, silences } = await adviser(await value(given), { idleLimit: 900, ...options, value });
  const valued = await valueProposals(given, proposals, value);
  return { ...valued, silences: [...silences, ...valued.silences] };
}

/** Returns what draws from a normal distribution around 0, always the same for a seed (the method of Box and Muller). */
export function normalNumbers(seed: number): (deviation: number) => number {
  const next = randomNumbers(seed);
  return (deviation) => deviation * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
}
