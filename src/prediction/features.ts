import type { Attributes } from '@opentelemetry/api';
import { meanOf } from '../figures/integrate.ts';
import { measure } from '../figures/measure.ts';
import { streamsOf } from '../figures/streams.ts';
import { numberOf } from '../model/attributes.ts';
import type { Run } from '../model/run.ts';
import { cpuUsage } from '../model/signals.ts';
import { bitsPerSecond, pixelsOf } from './written-quantities.ts';

/** A number that a run's power and CPU time may depend on. */
export interface Feature {
  readonly unit: string;
  /** What it is, in words. */
  readonly description: string;
  /** What of a run says it, the first of these that is there. */
  readonly reads: string;
  /** Returns it where the run says it. */
  readonly of: (run: Run) => number | undefined;
}

/** All features by name. */
export const features = {
  streams: {
    unit: '{stream}',
    description: 'Streams that were processed at the same time',
    reads: '`run.streams`; the name of the run; 0 where its encoder is `none`',
    of: streamsOf,
  },
  cpu_cores: {
    unit: '{cpu}',
    description: 'Mean number of cores in use',
    reads: 'the samples of cores in use',
    of: coresOf,
  },
  cpu_utilisation: {
    unit: '1',
    description: 'Mean part of the logical CPUs that was in use, 0 to 1',
    reads: 'the samples of cores in use and `run.logical_cpus`',
    of: (run) => ratio(coresOf(run), numberOf(run.attributes, 'run.logical_cpus')),
  },
  bitrate: {
    unit: 'bit/s',
    description: 'Bits a second of all streams together',
    reads: '`bitrate`, such as `2500k`, times the streams where there are several',
    of: (run) => product(bitsPerSecond(run.bitrate), Math.max(1, streamsOf(run) ?? 1)),
  },
  pixels_per_second: {
    unit: '{pixel}/s',
    description: 'Pixels a second of all streams together',
    reads:
      '`run.pixels_per_second`; `run.pixels_processed` by the duration; `run.resolution` times frame rate and streams',
    of: (run) => stated(run, 'pixels_per_second') ?? perSecond(run, 'pixels_processed') ?? pixelRateOf(run),
  },
  frame_rate: {
    unit: '{frame}/s',
    description: 'Frames a second of one stream',
    reads: '`run.frame_rate`; `run.avg_fps`; `run.fps`; `run.total_frames` by the duration',
    of: frameRateOf,
  },
  tokens_per_second: {
    unit: '{token}/s',
    description: 'Tokens that were written a second',
    reads: '`run.tokens_per_second`; `run.output_tokens` by the duration; `run.tokens` by the duration',
    of: (run) => stated(run, 'tokens_per_second') ?? perSecond(run, 'output_tokens') ?? perSecond(run, 'tokens'),
  },
  batch_size: {
    unit: '{request}',
    description: 'Requests that were processed together',
    reads: '`run.batch_size`',
    of: (run) => stated(run, 'batch_size'),
  },
  gpu_utilisation: {
    unit: '1',
    description: 'Mean part of the time in which the GPU was busy, 0 to 1',
    reads: '`run.gpu_utilisation`',
    of: (run) => stated(run, 'gpu_utilisation'),
  },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof features;
export const featureNames = Object.keys(features) as [FeatureName, ...FeatureName[]];

/** Returns a feature of a run in its unit, at least 0; undefined where nothing says it. */
export function featureOf(run: Run, name: FeatureName): number | undefined {
  const value = features[name].of(run);
  return value !== undefined && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/**
 * Returns the group that a run belongs to by some of its attributes, as a text that is the same for the same group only. An
 * attribute `preset` is that of OTLP, or the field `preset` of a results file, which is `run.preset`.
 */
export function groupOf(attributes: Attributes, groupBy: readonly string[]): string {
  return groupBy.map((name) => `${name}=${attributes[name] ?? attributes[`run.${name}`] ?? ''}`).join(', ');
}

function coresOf(run: Run): number | undefined {
  const measured = measure(run, cpuUsage);
  return measured.value === undefined ? undefined : meanOf(measured.series);
}

function frameRateOf(run: Run): number | undefined {
  const said = stated(run, 'frame_rate') ?? stated(run, 'avg_fps') ?? stated(run, 'fps');
  return said ?? perSecond(run, 'total_frames');
}

function pixelRateOf(run: Run): number | undefined {
  const { 'run.resolution': resolution } = run.attributes;
  const pixels = product(pixelsOf(resolution), frameRateOf(run));
  return product(pixels, streamsOf(run) ?? 1);
}

/** The attribute `run.<field>`, where it is a number. */
function stated(run: Run, field: string): number | undefined {
  return numberOf(run.attributes, `run.${field}`);
}

function perSecond(run: Run, field: string): number | undefined {
  return ratio(stated(run, field), run.duration);
}

function product(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a * b;
}

function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined || b <= 0 ? undefined : a / b;
}
