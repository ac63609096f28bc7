/** The readings of a run's counter: times in seconds since the run's start, ascending from 0 to its end. */
export interface Readings {
  readonly times: readonly number[];
  /** The counter at each time; starts at 0 and never decreases. */
  readonly totals: readonly number[];
}

/**
 * Returns the rate of a counter at instants about `interval` seconds apart that divide the run evenly, whenever it was
 * read. The rate at an instant is the mean over the steps before and after it (at both ends: over the only one), so that
 * the trapezoidal rule over the instants gives exactly the counter's increase; `step` is the time between two.
 */
export function evenRates({ times, totals }: Readings, interval: number) {
  const duration = times.at(-1) ?? 0;
  const steps = Math.max(1, Math.round(duration / interval));
  const step = duration / steps;
  const counted = countAt(times, totals, step, steps);
  const means = Float64Array.from({ length: steps }, (_, i) => (at(counted, i + 1) - at(counted, i)) / step);
  const rates = Float64Array.from(
    { length: steps + 1 },
    (_, i) => (at(means, Math.max(0, i - 1)) + at(means, Math.min(steps - 1, i))) / 2,
  );
  return { step, rates };
}

/** Returns the counter at every step, interpolated linearly between the readings. */
function countAt(times: readonly number[], totals: readonly number[], step: number, steps: number): Float64Array {
  const counted = new Float64Array(steps + 1);
  let next = 1;
  for (let i = 0; i < steps; i++) {
    const time = i * step;
    while (next < times.length - 1 && at(times, next) < time) next++;
    const before = at(times, next - 1);
    const width = at(times, next) - before;
    const share = width > 0 ? (time - before) / width : 1;
    counted[i] = at(totals, next - 1) + share * (at(totals, next) - at(totals, next - 1));
  }
  counted[steps] = totals.at(-1) ?? 0;
  return counted;
}

function at(list: ArrayLike<number>, index: number): number {
  return list[index] as number;
}
