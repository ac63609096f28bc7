import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadStream, WriteStream } from 'node:tty';
import { messageOf, WattlineError } from '../errors.ts';
import { readBody } from '../http/client.ts';
import { duration } from '../plugin/index.ts';
import { openScreen } from '../terminal/screen.ts';
import { type StatusReport, statusReport } from '../terminal/status-report.ts';
import { formatStatus } from '../terminal/status-text.ts';

const TIMEOUT = 5000;
/** The longest answer that is read, in bytes: each stage takes some 200. */
const LONGEST_ANSWER = 4 * 1024 * 1024;
/** How much of an error's answer is shown, in characters. */
const SHOWN = 300;

export interface TopOptions {
  /** The URL of an extension `status`. */
  readonly url: string;
  /** Milliseconds between two requests. */
  readonly interval: number;
  readonly once: boolean;
  /** A bearer token, where the endpoint needs one. */
  readonly token: string | undefined;
  readonly stdin: ReadStream;
  readonly stdout: WriteStream;
  /** Aborted when the operator stops the process. */
  readonly stopped: AbortSignal;
}

/**
 * Shows the status of a running Wattline: on a terminal live until q or Ctrl-C is pressed, elsewhere once. Throws
 * `NO_STATUS` where the first request fails; after a later failure the last status stays, with the reason above it.
 */
export async function top(options: TopOptions): Promise<void> {
  const { interval, once, stdin, stdout, stopped } = options;
  const first = await look(options);
  if (once || !stdout.isTTY) {
    stdout.write(`${formatStatus(first)}\n`);
    return;
  }
  const quit = new AbortController();
  const ended = AbortSignal.any([quit.signal, stopped]);
  const screen = openScreen(stdin, stdout, () => quit.abort());
  try {
    for (let latest = first, problem = ''; !ended.aborted; ) {
      screen.show(`${problem || 'q quits'}\n${formatStatus(latest)}`);
      await sleep(interval, undefined, { signal: ended }).catch(() => {});
      try {
        latest = await look(options, ended);
        problem = '';
      } catch (error) {
        problem = `${messageOf(error)}; the status below is of ${latest.time.toLocaleTimeString()} (q quits)`;
      }
    }
  } finally {
    screen.close();
  }
}

/** Returns the milliseconds of a duration such as `2s`; undefined where it is invalid or 0. */
export function readInterval(text: string): number | undefined {
  return duration().safeParse(text).data || undefined;
}

async function look({ url, token }: TopOptions, ended?: AbortSignal): Promise<StatusReport> {
  const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(ended ? [ended] : [])]);
  const headers = { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  const remedy = 'set --url to the URL of a Wattline with the extension `status`';
  let body: unknown;
  try {
    const response = await fetch(url, { headers, signal });
    const { bytes, isWhole } = await readBody(response, LONGEST_ANSWER);
    if (!isWhole) throw new Error(`it answers with more than ${LONGEST_ANSWER} bytes`);
    const text = bytes.toString();
    if (!response.ok) throw new Error(`${response.status} ${text.slice(0, SHOWN).trim()}`);
    body = JSON.parse(text);
  } catch (error) {
    throw new WattlineError('NO_STATUS', `no status from ${url}: ${messageOf(error)}; ${remedy}`);
  }
  const { data, success } = statusReport.safeParse(body);
  if (!success) throw new WattlineError('NO_STATUS', `the answer of ${url} is not a status; ${remedy}`);
  return data;
}
