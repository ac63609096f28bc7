import type { HrTime } from '@opentelemetry/api';
import { Series } from 'wattline/plugin';

/** The samples of a signal as they are stored: doubles in the machine's byte order, and distances only where they differ. */
export interface StoredSeries {
  readonly start_s: number;
  readonly start_ns: number;
  /** Seconds between two samples, where they are evenly spaced. */
  readonly step: number | null;
  readonly offsets: Uint8Array | null;
  readonly samples: Uint8Array;
}

/** A series as rows of the history hold it. */
export function packSeries(series: Series): StoredSeries {
  const [start_s, start_ns] = series.start;
  const offsets =
    series.step === undefined ? bytesOf(Float64Array.from(series.values, (_, i) => series.offset(i))) : null;
  return { start_s, start_ns, step: series.step ?? null, offsets, samples: bytesOf(series.values) };
}

/** The series that `packSeries` was given. */
export function unpackSeries({ start_s, start_ns, step, offsets, samples }: StoredSeries): Series {
  const start: HrTime = [start_s, start_ns];
  return offsets
    ? Series.irregular(start, doublesOf(offsets), doublesOf(samples))
    : Series.regular(start, step ?? 0, doublesOf(samples));
}

/** Samples to draw: seconds from the first one, and values; NaN, which JSON writes as null, is one that is missing. */
export interface Curve {
  readonly offsets_s: readonly number[];
  readonly values: readonly number[];
}

/**
 * At most `limit` samples that look like all of them: the lowest and the highest of each stretch, in their order, and
 * the first and last one.
 */
export function curveOf(series: Series, limit: number): Curve {
  const kept = series.length <= limit ? Array.from(series.values.keys()) : extremes(series.values, limit);
  return { offsets_s: kept.map((i) => series.offset(i)), values: kept.map((i) => series.values[i] as number) };
}

function extremes(values: Float64Array, limit: number): number[] {
  const stretches = Math.max(1, Math.floor((limit - 2) / 2));
  const kept = new Set([0]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * values.length) / stretches);
    const to = Math.floor(((stretch + 1) * values.length) / stretches);
    let [lowest, highest] = [from, from];
    for (let i = from; i < to; i++) {
      const value = values[i] as number;
      // Whatever is compared with a missing sample is false, so that it makes room for the first that is not.
      if (!(value >= (values[lowest] as number)) && !Number.isNaN(value)) lowest = i;
      if (!(value <= (values[highest] as number)) && !Number.isNaN(value)) highest = i;
    }
    kept.add(Math.min(lowest, highest)).add(Math.max(lowest, highest));
  }
  return [...kept.add(values.length - 1)];
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** The bytes may lie anywhere in a buffer, and doubles only at every eighth place. */
function doublesOf(bytes: Uint8Array): Float64Array {
  return new Float64Array(Uint8Array.from(bytes).buffer);
}
