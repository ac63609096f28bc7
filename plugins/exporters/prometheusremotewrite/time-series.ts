import type { Labels } from 'wattline/figures';
import type { Skipped } from 'wattline/plugin';
import type { Family, PointSeries, RunPoints, SeriesLabels } from 'wattline/prometheus';

/** A label of a series. */
export type Label = readonly [name: string, value: string];

/** The samples of a series, each later than the one before. Times are milliseconds since 1970. */
export interface TimeSeries {
  /** `__name__` among them, in the order of their names. */
  readonly labels: readonly Label[];
  readonly times: readonly number[];
  readonly values: readonly number[];
  readonly family: Family;
}

interface Gathering {
  readonly labels: readonly Label[];
  readonly family: Family;
  readonly samples: { readonly time: number; readonly value: number }[];
  isInOrder: boolean;
}

/**
 * Returns the series of runs, each once, with its samples in the order of time. Of two at one time the last counts, and
 * `skip` is called where they have other values: a server takes one.
 */
export function timeSeriesOf(runs: readonly RunPoints[], skip: (skipped: Skipped) => void): TimeSeries[] {
  const all = new Map<string, Gathering>();
  const keys = new Map<SeriesLabels, string>();
  const add = ({ name, labels, times, values }: PointSeries, families: RunPoints['families']) => {
    const known = keys.get(labels) ?? keyOf(labels.all);
    keys.set(labels, known);
    const key = `${name} ${known}`;
    let gathering = all.get(key);
    if (!gathering) {
      const family = families.get(name) ?? { name, type: 'gauge', help: '', unit: '' };
      gathering = { labels: sorted({ ...labels.all, __name__: name }), family, samples: [], isInOrder: true };
      all.set(key, gathering);
    }
    for (const [index, time] of times.entries()) {
      const before = gathering.samples.at(-1);
      if (before && before.time >= time) gathering.isInOrder = false;
      gathering.samples.push({ time, value: values[index] as number });
    }
  };
  for (const { figures, samples, families } of runs) {
    for (const { name, labels, time, value } of figures)
      add({ name, labels, times: [time], values: [value] }, families);
    for (const one of samples) add(one, families);
  }
  return [...all.values()].map((gathering) => {
    const samples = gathering.isInOrder ? gathering.samples : inOrder(gathering, skip);
    const { labels, family } = gathering;
    return { labels, family, times: samples.map(({ time }) => time), values: samples.map(({ value }) => value) };
  });
}

function inOrder({ labels, family, samples }: Gathering, skip: (skipped: Skipped) => void): Gathering['samples'] {
  const byTime = new Map<number, number>();
  for (const { time, value } of samples) {
    if (byTime.has(time) && byTime.get(time) !== value) {
      const message = `${seriesText(labels)} has two values at ${new Date(time).toISOString()}; the last is sent`;
      skip({ item: family.name, reason: 'duplicate_sample', message });
    }
    byTime.set(time, value);
  }
  return [...byTime].map(([time, value]) => ({ time, value })).sort((a, b) => a.time - b.time);
}

function keyOf(labels: Labels): string {
  return JSON.stringify(sorted(labels));
}

/** Prometheus has labels in the order of the bytes of their names, which are ASCII. */
function sorted(labels: Labels): Label[] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Returns a series as Prometheus writes it, `name{label="value"}`. */
export function seriesText(labels: readonly Label[]): string {
  const name = labels.find(([label]) => label === '__name__')?.[1] ?? '';
  const others = labels.filter(([label]) => label !== '__name__');
  return `${name}{${others.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(', ')}}`;
}
