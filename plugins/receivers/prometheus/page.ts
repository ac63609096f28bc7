import { type HttpClient, remedyForStatus } from 'wattline/http';
import type { Job } from './config.ts';
import type { TextFormat } from './text-format.ts';

const ACCEPT = 'text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1';
/** The maximum length of an error answer in a message. */
const SHOWN = 300;

/** A target's page, and how its job gets it. */
export interface PageOptions extends Pick<Job, 'scrape_timeout' | 'body_size_limit_mib'> {
  readonly url: string;
  readonly headers: Headers;
  readonly client: HttpClient;
}

export interface Page {
  readonly text: string;
  readonly format: TextFormat;
}

/** Gets a page of metrics. Throws where it is late, too large or not UTF-8, and on any status other than 200. */
export async function getPage(options: PageOptions, signal: AbortSignal): Promise<Page> {
  const { url, client, scrape_timeout: timeout, body_size_limit_mib: bodyLimitMib } = options;
  const headers = new Headers(options.headers);
  headers.set('accept', ACCEPT);
  headers.set('accept-encoding', 'gzip');
  headers.set('x-prometheus-scrape-timeout-seconds', String(timeout / 1000));
  const limits = { timeout, timeoutSetting: 'scrape_timeout', bodyLimitMib, signal };
  const answer = await client.request(url, { headers, redirect: 'follow' }, limits);
  const { status, body, text } = answer;
  if (status !== 200) {
    const said = text().slice(0, SHOWN).trim();
    const remedy = remedyForStatus(status, 'set `metrics_path`');
    throw new Error(`${url} answered ${status}${said && `: ${said}`}${remedy ? `; ${remedy}` : ''}`);
  }
  const isOpen = answer.headers.get('content-type')?.startsWith('application/openmetrics-text');
  return { text: decoded(body, url), format: isOpen ? 'openmetrics' : 'text' };
}

function decoded(bytes: Uint8Array, url: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error(`${url} is not UTF-8`, { cause: error });
  }
}
