import { expect } from 'vitest';
import { startVictoriaMetrics } from '../kit/peers.ts';
import { numberedRun, type Points, pointKey, pointsOf } from './numbered-runs.ts';

/** With what deploy/compose starts VictoriaMetrics, so that a point that is sent twice is one. */
export const storeFlags = ['-retentionPeriod=100y', '-dedup.minScrapeInterval=1ms'] as const;

export const startStore = () => startVictoriaMetrics(storeFlags);

interface StoredSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  readonly timestamps: readonly number[];
}

/** Returns the series that match, with all of their points, or with `raw` also those that came twice. */
export async function exportSeries(url: string, match: string, raw = false): Promise<StoredSeries[]> {
  await fetch(`${url}/internal/force_flush`);
  // Without an end the server leaves out the second that has just begun.
  const end = String(Math.ceil(Date.now() / 1000) + 1);
  const query = new URLSearchParams({ 'match[]': match, start: '0', end, ...(raw && { reduce_mem_usage: '1' }) });
  const text = await (await fetch(`${url}/api/v1/export?${query}`)).text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** What a store holds of runs. */
export interface Stored {
  /** Points that are not there. */
  readonly lost: number;
  /** Points that are there twice, as one. */
  readonly doubled: number;
  /** Points that came again, of which the store keeps one. */
  readonly again: number;
}

/** Expects a store to hold the points of the first so many numbered runs, each once, and no others. */
export async function expectStored(
  url: string,
  runs: number,
  withSamples: boolean,
  runOf = numberedRun,
): Promise<Stored> {
  const expected: Points = new Map();
  for (let number = 0; number < runs; number++)
    for (const [key, value] of pointsOf(runOf(number), withSamples)) expected.set(key, value);
  const found: Points = new Map();
  let doubled = 0;
  const wrong: string[] = [];
  for (const { metric, timestamps, values } of await exportSeries(url, '{scenario!=""}')) {
    for (const [index, time] of timestamps.entries()) {
      const key = pointKey(metric.__name__ as string, metric.scenario as string, time);
      if (found.has(key)) doubled++;
      found.set(key, values[index] as number);
      const value = expected.get(key);
      if (value === undefined || Math.abs((values[index] as number) / value - 1) > 1e-11)
        wrong.push(`${key}: ${values[index]}, not ${value}`);
    }
  }
  const lost = [...expected.keys()].filter((key) => !found.has(key));
  expect({ lost: lost.slice(0, 10), doubled, wrong: wrong.slice(0, 10) }).toEqual({ lost: [], doubled: 0, wrong: [] });
  const raw = (await exportSeries(url, '{scenario!=""}', true)).reduce((sum, { values }) => sum + values.length, 0);
  return { lost: lost.length, doubled, again: raw - found.size };
}
