import type { HrTime } from '@opentelemetry/api';
import { Series } from 'wattline/plugin';

/** The stored samples of a signal: doubles in the machine's byte order, with times only where they are not evenly spaced. */
export interface StoredSeries {
  readonly start_s: number;
  readonly start_ns: number;
  /** Seconds between two samples, where they are evenly spaced. */
  readonly step: number | null;
  readonly offsets: Uint8Array | null;
  readonly samples: Uint8Array;
}

/** Converts a series to the form stored in the history. */
export function packSeries(series: Series): StoredSeries {
  const [start_s, start_ns] = series.start;
  const offsets =
    series.step === undefined ? bytesOf(Float64Array.from(series.values, (_, i) => series.offset(i))) : null;
  return { start_s, start_ns, step: series.step ?? null, offsets, samples: bytesOf(series.values) };
}

/** Converts a stored series back; the inverse of `packSeries`. */
export function unpackSeries({ start_s, start_ns, step, offsets, samples }: StoredSeries): Series {
  const start: HrTime = [start_s, start_ns];
  return offsets
    ? Series.irregular(start, doublesOf(offsets), doublesOf(samples))
    : Series.regular(start, step ?? 0, doublesOf(samples));
}

/**
 * Returns at most `limit` samples that look like all of them: the lowest and the highest of each bucket, in their order,
 * and the first and last one. NaN, which JSON writes as null, is a missing sample.
 */
export function curveOf(series: Series, limit: number) {
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
      // Comparisons with NaN are false, so that the first present sample replaces a missing one.
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

/** Copies the bytes where they are not aligned to 8 bytes, as doubles must be. */
function doublesOf(bytes: Uint8Array): Float64Array {
  return new Float64Array(Uint8Array.from(bytes).buffer);
}
