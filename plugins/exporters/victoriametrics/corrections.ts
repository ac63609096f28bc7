import { attributesKey, type Run } from 'wattline/plugin';
import { type Point, SeriesLabels } from 'wattline/prometheus';
import type { StoredSeries } from './stored-series.ts';

/** The label of a point that corrects others of the same figure and time. */
export const RESTATED = 'restated';
/** Where a factor came from is no part of whose figure it is, and an estimate and what replaces it may differ in it. */
const STATE = 'state';
/** The server keeps about 12 digits of each point; a figure that differs by less than a billionth is the same. */
const DIGITS = 1e-11;
const ROUNDING = 1e-9;

/** What a server has stored of a figure at its time, over all its points. */
export interface Stored {
  readonly sum: number;
  /** The largest of them, by which what the server rounds off is judged. */
  readonly largest: number;
  /** How many corrections there are among them. */
  readonly corrections: number;
}

/**
 * Returns whether the figures of a run may come with other values than those of the same run before: those of a factor that
 * may be revised, or was, whose record says when it was read, and those of what stands in for one.
 */
export function mayDiffer({ restated, figures, resource }: Run): boolean {
  if (restated !== undefined) return true;
  if (figures.some(({ factor }) => factor?.mayChange || factor?.readAt !== undefined)) return true;
  if (figures.length > 0) return false;
  return Object.keys(resource.attributes).some((name) => name.startsWith('factor.') && name.endsWith('.read_at'));
}

/** Returns the labels by which a figure is found, whatever its version. */
export function identifying(labels: Readonly<Record<string, string>>): Record<string, string> {
  const { [RESTATED]: _, [STATE]: __, ...others } = labels;
  return others;
}

/** Returns the key of a figure at its time, the same for all its versions. */
export function versionKey(name: string, labels: Readonly<Record<string, string>>, time: number): string {
  return `${attributesKey({ ...identifying(labels), __name__: name })} ${time}`;
}

/**
 * Returns what is stored of figures, by `versionKey`: the sum of their versions. Where a series has several values at one
 * time, which a server without deduplication keeps, the last one counts, as it does for queries.
 */
export function storedFigures(series: readonly StoredSeries[]): Map<string, Stored> {
  const figures = new Map<string, Stored>();
  for (const { metric, values, timestamps } of series) {
    const { __name__: name = '', ...labels } = metric;
    const correction = Number(labels[RESTATED] ?? 0);
    for (const [time, value] of new Map(timestamps.map((time, index) => [time, values[index]]))) {
      if (typeof value !== 'number') continue;
      const key = versionKey(name, labels, time);
      const { sum, largest, corrections } = figures.get(key) ?? { sum: 0, largest: 0, corrections: 0 };
      figures.set(key, {
        sum: sum + value,
        largest: Math.max(largest, Math.abs(value)),
        corrections: Math.max(corrections, correction),
      });
    }
  }
  return figures;
}

/**
 * Returns what to send so that the points of each figure add up to its value: the point itself where none is stored, the
 * difference to what is stored as one with the label `restated`, or nothing where they do already. What is sent counts as
 * stored from then on.
 */
export function correct(points: readonly Point[], stored: Map<string, Stored>): Point[] {
  return points.flatMap((point) => {
    const { name, labels, time, value } = point;
    const key = versionKey(name, labels.all, time);
    const known = stored.get(key);
    if (!known) {
      stored.set(key, { sum: value, largest: Math.abs(value), corrections: 0 });
      return [point];
    }
    const difference = value - known.sum;
    const rounding = ROUNDING * Math.max(Math.abs(value), Math.abs(known.sum));
    if (Math.abs(difference) <= Math.max(rounding, DIGITS * known.largest)) return [];
    const corrections = known.corrections + 1;
    stored.set(key, { sum: value, largest: Math.max(known.largest, Math.abs(difference)), corrections });
    return [
      { ...point, labels: new SeriesLabels({ ...labels.all, [RESTATED]: String(corrections) }), value: difference },
    ];
  });
}
