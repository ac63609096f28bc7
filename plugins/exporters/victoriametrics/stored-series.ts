import type { Labels } from 'wattline/figures';
import type { Client } from './client.ts';

/** A series as the server has stored it; times in milliseconds since 1970. */
export interface StoredSeries {
  readonly metric: Labels;
  readonly values: readonly (number | null)[];
  readonly timestamps: readonly number[];
}

/** How many selectors one query has. */
const SELECTORS_A_QUERY = 200;

/** Makes what a server has written so far visible to queries. Resolves with whether it can do that. */
export async function flush(client: Client, signal: AbortSignal): Promise<boolean> {
  const { status } = await client.get('/internal/force_flush', signal);
  return status === 200;
}

/**
 * Reads what the selectors match between two times, which are included, in milliseconds since 1970. Resolves with undefined
 * where the server does not let it be read.
 */
export async function readStored(
  client: Client,
  selectors: readonly string[],
  { oldest, newest }: { readonly oldest: number; readonly newest: number },
  signal: AbortSignal,
): Promise<StoredSeries[] | undefined> {
  const found: StoredSeries[] = [];
  for (let first = 0; first < selectors.length; first += SELECTORS_A_QUERY) {
    const form = new URLSearchParams({
      start: String(Math.max(0, oldest - 1) / 1000),
      end: String((newest + 1) / 1000),
    });
    for (const one of selectors.slice(first, first + SELECTORS_A_QUERY)) form.append('match[]', one);
    const { status, text } = await client.postForm('/api/v1/export', form, signal);
    if (status !== 200) return undefined;
    for (const line of text.split('\n')) if (line !== '') found.push(JSON.parse(line));
  }
  return found;
}

/** Returns the selector of a metric with labels in Prometheus' text form. */
export function selector(name: string, labels: string): string {
  return `{__name__="${name}"${labels && `,${labels}`}}`;
}
