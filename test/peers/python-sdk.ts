import { fileURLToPath } from 'node:url';
import { startProcess } from '../kit/child-process.ts';
import { programOf } from './cache.ts';
import { peers } from './peers.ts';

type Environment = Readonly<Record<string, string>>;

/** A point that the SDK has sent: its time in seconds since 1970, and its level in watts. */
export interface SentPoint {
  readonly at: number;
  readonly watts: number;
}

interface Metric {
  readonly name: string;
  readonly data: { readonly data_points: readonly { readonly time_unix_nano: number; readonly value: number }[] };
}

interface Request {
  readonly resource_metrics: readonly { readonly scope_metrics: readonly { readonly metrics: readonly Metric[] }[] }[];
}

/** Sends levels of power with the SDK of Python, a request each, with the given environment; returns what it sent. */
export async function sendPower(env: Environment, watts: readonly number[]): Promise<SentPoint[]> {
  const requests = await run('send-power.py', watts.map(String), env);
  return requests
    .flat()
    .flatMap(({ data }) => data.data_points)
    .map(({ time_unix_nano, value }) => ({ at: time_unix_nano / 1e9, watts: value }));
}

/**
 * Uses so many seconds of CPU in a program that reports metrics of its CPU time with the SDK of Python; returns its
 * `process.cpu.time` of each request.
 */
export async function useCpu(env: Environment, seconds: number, metrics: readonly string[]): Promise<number[]> {
  const requests = await run('use-cpu.py', [String(seconds), ...metrics], env);
  return requests.map((sent) => {
    const points = sent.filter(({ name }) => name === 'process.cpu.time').flatMap(({ data }) => data.data_points);
    return points.reduce((sum, { value }) => sum + value, 0);
  });
}

/** Runs a program of this folder to its end; returns the metrics of each request that it printed. */
async function run(file: string, args: readonly string[], env: Environment): Promise<Metric[][]> {
  const script = fileURLToPath(new URL(`./${file}`, import.meta.url));
  const quiet = { PYTHONDONTWRITEBYTECODE: '1' };
  const child = startProcess(programOf(peers.python), [script, ...args], { env: { ...env, ...quiet } });
  const code = await child.exited;
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${child.stderr()}`);
  const lines = child.stdout().trim().split('\n');
  return lines.map((line) =>
    (JSON.parse(line) as Request).resource_metrics
      .flatMap(({ scope_metrics }) => scope_metrics)
      .flatMap(({ metrics }) => metrics),
  );
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
