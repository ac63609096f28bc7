import { once } from 'node:events';

/** Resolves with whether the work was done before the signal was aborted; rejects where the work does before. */
export async function orAborted(work: Promise<unknown> | undefined, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  const over = new AbortController();
  const aborted = once(signal, 'abort', { signal: over.signal }).catch(() => {});
  try {
    return await Promise.race([Promise.resolve(work).then(() => true), aborted.then(() => false)]);
  } finally {
    over.abort();
  }
}
