import { fileURLToPath } from 'node:url';
import { startProcess } from '../kit/child-process.ts';
import { programOf } from './cache.ts';
import { peers } from './peers.ts';

const script = fileURLToPath(new URL('./send-power.py', import.meta.url));

/** A point that the SDK has sent: its time in seconds since 1970, and its level in watts. */
export interface SentPoint {
  readonly at: number;
  readonly watts: number;
}

interface Request {
  readonly resource_metrics: readonly {
    readonly scope_metrics: readonly {
      readonly metrics: readonly {
        readonly data: { readonly data_points: readonly { readonly time_unix_nano: number; readonly value: number }[] };
      }[];
    }[];
  }[];
}

/** Sends levels of power with the SDK of Python, a request each, with the given environment; returns what it sent. */
export async function sendPower(env: Readonly<Record<string, string>>, watts: readonly number[]): Promise<SentPoint[]> {
  const child = startProcess(programOf(peers.python), [script, ...watts.map(String)], { env });
  const code = await child.exited;
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${child.stderr()}`);
  const requests = child
    .stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Request);
  return requests
    .flatMap(({ resource_metrics }) => resource_metrics)
    .flatMap(({ scope_metrics }) => scope_metrics)
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ data }) => data.data_points)
    .map(({ time_unix_nano, value }) => ({ at: time_unix_nano / 1e9, watts: value }));
}

/** The trapezoids between points, in joules. */
export function joulesBetween(points: readonly SentPoint[]): number {
  let joules = 0;
  for (const [index, { at, watts }] of points.slice(1).entries()) {
    const before = points[index] as SentPoint;
    joules += ((watts + before.watts) / 2) * (at - before.at);
  }
  return joules;
}
