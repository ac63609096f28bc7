import { once } from 'node:events';

/** Resolves with whether the work was done before the signal was aborted; rejects where the work does before. */
export async function orAborted(work: Promise<unknown> | undefined, signal: AbortSignal): Promise<boolean> {
  const done = Promise.resolve(work).then(() => true);
  if (signal.aborted) {
    done.catch(() => {});
    return false;
  }
  const over = new AbortController();
  const aborted = once(signal, 'abort', { signal: over.signal }).catch(() => {});
  try {
    return await Promise.race([done, aborted.then(() => false)]);
  } finally {
    over.abort();
  }
}
