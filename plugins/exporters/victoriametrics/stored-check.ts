import { setTimeout as sleep } from 'node:timers/promises';
import { attributesKey } from 'wattline/plugin';
import { type PointSeries, timeSpan } from 'wattline/prometheus';
import type { Client } from './client.ts';
import { flush, readStored, selector } from './stored-series.ts';

/** Samples become visible to queries within a second or so, and at once by a flush; after this long they are missing. Milliseconds. */
const PATIENCE = 4000;
const PATIENCE_AFTER_FLUSH = 500;
const PAUSE = 250;
/** How many series one query reads. */
const SERIES_A_QUERY = 200;

/**
 * Reads series back, and resolves with those that the server does not hold in full; undefined where it does not let them be
 * read.
 */
export async function findMissing(
  client: Client,
  series: readonly PointSeries[],
  signal: AbortSignal,
): Promise<ReadonlySet<PointSeries> | undefined> {
  const deadline = performance.now() + ((await flush(client, signal)) ? PATIENCE_AFTER_FLUSH : PATIENCE);
  let missing = series;
  for (;;) {
    const still: PointSeries[] = [];
    for (let from = 0; from < missing.length; from += SERIES_A_QUERY) {
      const batch = missing.slice(from, from + SERIES_A_QUERY);
      const stored = await readTimes(client, batch, signal);
      if (!stored) return undefined;
      still.push(...batch.filter((one) => !holds(stored, one)));
    }
    missing = still;
    if (missing.length === 0 || performance.now() > deadline) return new Set(missing);
    await sleep(PAUSE, undefined, { signal });
  }
}

/** The times that the server holds of the series, by series. */
async function readTimes(
  client: Client,
  series: readonly PointSeries[],
  signal: AbortSignal,
): Promise<Map<string, Set<number>> | undefined> {
  const span = timeSpan([], series);
  if (!span) return new Map();
  const selectors = series.map(({ name, labels }) => selector(name, labels.text));
  const stored = await readStored(client, selectors, span, signal);
  if (!stored) return undefined;
  const times = new Map<string, Set<number>>();
  for (const { metric, timestamps } of stored) {
    const key = attributesKey(metric);
    times.set(key, new Set([...(times.get(key) ?? []), ...timestamps]));
  }
  return times;
}

function holds(stored: ReadonlyMap<string, ReadonlySet<number>>, { name, labels, times }: PointSeries): boolean {
  const found = stored.get(attributesKey({ __name__: name, ...labels.all }));
  return found !== undefined && times.every((time) => found.has(time));
}
