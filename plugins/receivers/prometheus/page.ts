import { remedyForStatus } from 'wattline/http';
import type { Job } from './config.ts';
import type { HttpCalls } from './http-calls.ts';
import type { TextFormat } from './text-format.ts';

/** Names in UTF-8 first, as Prometheus 3 asks for them; a server that has no such names takes the next version. */
const ACCEPT = [
  'text/plain;version=1.0.0;escaping=allow-utf-8',
  'text/plain;version=0.0.4;q=0.9',
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5',
  '*/*;q=0.1',
].join(',');
/** The maximum length of an error answer in a message. */
const SHOWN = 300;

/** A target's page, and how its job gets it. */
export interface PageOptions extends Pick<Job, 'body_size_limit_mib' | 'enable_compression'> {
  readonly url: string;
  readonly headers: Headers;
  readonly calls: HttpCalls;
  /** Milliseconds until the page must be there. */
  readonly timeout: number;
}

export interface Page {
  readonly text: string;
  readonly format: TextFormat;
}

/** Gets a page of metrics. Throws where it is late, too large or not UTF-8, and on any status other than 200. */
export async function getPage(options: PageOptions, signal: AbortSignal): Promise<Page> {
  const { url, calls, timeout, body_size_limit_mib: bodyLimitMib } = options;
  const init = calls.init(options.headers);
  const { headers } = init;
  headers.set('accept', ACCEPT);
  headers.set('accept-encoding', options.enable_compression ? 'gzip' : 'identity');
  headers.set('x-prometheus-scrape-timeout-seconds', String(timeout / 1000));
  const limits = { timeout, timeoutSetting: 'scrape_timeout', bodyLimitMib, signal };
  const answer = await calls.client.request(url, init, limits);
  const { status, body, text } = answer;
  if (status !== 200) {
    const said = text().slice(0, SHOWN).trim();
    const remedy = remedyForStatus(status, 'set `metrics_path`');
    throw new Error(`${url} answered ${status}${said && `: ${said}`}${remedy ? `; ${remedy}` : ''}`);
  }
  const isOpen = answer.headers.get('content-type')?.startsWith('application/openmetrics-text');
  const page = decoded(body, url);
  if (!isOpen && endsWithinLine(page) && !saysItsEnd(answer.headers))
    throw new Error(`${url} may be cut off: its last line has no line end, and the answer does not say how long it is`);
  return { text: page, format: isOpen ? 'openmetrics' : 'text' };
}

/** Whether the last line may be a part of one, of which 123 would be 12. */
function endsWithinLine(page: string): boolean {
  const last = page.slice(page.lastIndexOf('\n') + 1);
  return last !== '' && !last.startsWith('#');
}

/** Whether an answer that was cut off in transfer has failed already: by its length or its last chunk, as HTTP has it. */
function saysItsEnd(headers: Headers): boolean {
  return headers.has('content-length') || headers.get('transfer-encoding') === 'chunked';
}

function decoded(bytes: Uint8Array, url: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new Error(`${url} is not UTF-8`, { cause: error });
  }
}
