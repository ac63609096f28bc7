import type { HrTime } from '@opentelemetry/api';
import type { Series } from 'wattline/plugin';

/** Times in milliseconds since 1970. */
export interface Times {
  readonly length: number;
  at(index: number): number | undefined;
}

/** The times of all samples of a series, each rounded to whole milliseconds. */
export function sampleTimes(series: Series): Times {
  const { start, step, length } = series;
  const every = Math.round((step ?? 0) * 1000);
  // Adding up whole milliseconds gives the same as computing each time.
  if (step !== undefined && start[1] % 1e6 === 0 && every / 1000 === step && every * length < 1e12) {
    return new EvenTimes(toMilliseconds(start), every, length);
  }
  return Array.from({ length }, (_, index) => toMilliseconds(series.time(index)));
}

/** Returns whether two lists of times are surely the same, without comparing each time. */
export function areSame(a: Times, b: Times): boolean {
  if (a === b) return true;
  if (!(a instanceof EvenTimes && b instanceof EvenTimes)) return false;
  return a.first === b.first && a.every === b.every && a.length === b.length;
}

/** Rounded to whole milliseconds since 1970. */
export function toMilliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1000 + Math.round(nanoseconds / 1e6);
}

/** Times at one distance from each other, which need no list. */
class EvenTimes implements Times {
  readonly length: number;
  readonly first: number;
  readonly every: number;

  constructor(first: number, every: number, length: number) {
    this.first = first;
    this.every = every;
    this.length = length;
  }

  at(index: number): number {
    return this.first + index * this.every;
  }
}
