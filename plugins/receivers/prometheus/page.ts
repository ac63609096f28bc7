import { type Fetch, remedyForStatus } from 'wattline/http';
import type { TextFormat } from './text-format.ts';

const ACCEPT = 'text/plain;version=0.0.4,application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1';
/** The maximum length of an error answer in a message. */
const SHOWN = 300;

export interface PageOptions {
  readonly url: string;
  readonly headers: Headers;
  /** Milliseconds within which the whole page must arrive. */
  readonly timeout: number;
  /** The maximum size of a decompressed page in bytes. */
  readonly limit: number;
  readonly fetch: Fetch;
}

export interface Page {
  readonly text: string;
  readonly format: TextFormat;
}

/** Gets a page of metrics. Throws where it is late, too large or not UTF-8, and on any status other than 200. */
export async function getPage(options: PageOptions, signal: AbortSignal): Promise<Page> {
  const { url, timeout, limit, fetch } = options;
  const headers = new Headers(options.headers);
  headers.set('accept', ACCEPT);
  headers.set('accept-encoding', 'gzip');
  headers.set('x-prometheus-scrape-timeout-seconds', String(timeout / 1000));
  const late = AbortSignal.timeout(timeout);
  let response: Response;
  let body: Body;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.any([signal, late]) });
    body = await readAtMost(response.status === 200 ? limit : SHOWN, response);
  } catch (error) {
    const within = late.aborted && !signal.aborted ? ` within ${timeout / 1000} s, which is \`scrape_timeout\`` : '';
    throw new Error(`no answer from ${url}${within}`, { cause: error });
  }
  if (response.status !== 200) {
    const { status } = response;
    const said = body.bytes.toString().trim();
    const remedy = remedyForStatus(status, 'set `metrics_path`');
    throw new Error(`${url} answered ${status}${said && `: ${said}`}${remedy ? `; ${remedy}` : ''}`);
  }
  if (!body.isWhole) {
    throw new Error(`${url} has more than ${limit / (1024 * 1024)} MiB, which is \`body_size_limit_mib\``);
  }
  const isOpen = response.headers.get('content-type')?.startsWith('application/openmetrics-text');
  return { text: decoded(body.bytes, url), format: isOpen ? 'openmetrics' : 'text' };
}

interface Body {
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

/** Reads the first bytes of a body and drops the rest. */
async function readAtMost(limit: number, { body }: Response): Promise<Body> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, limit), isWhole: length <= limit };
}

function decoded(bytes: Uint8Array, url: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error(`${url} is not UTF-8`, { cause: error });
  }
}
