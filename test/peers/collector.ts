import { onTestFinished } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { programOf } from './cache.ts';
import { peers } from './peers.ts';

export interface StartedCollector {
  /** Everything it has logged so far, what its exporter `debug` prints among it. */
  logs(): string;
  /** Ends it once it has sent what it holds. */
  stop(): Promise<void>;
}

/** Starts a Collector until the end of the test; of several configurations (YAML texts) later ones win. */
export async function startCollector(...configurations: readonly string[]): Promise<StartedCollector> {
  const files = Object.fromEntries(configurations.map((text, index) => [`${index}.yaml`, text]));
  const folder = await temporaryFolder(files);
  const args = Object.keys(files).flatMap((name) => ['--config', name]);
  const quiet = ['--set', 'service::telemetry::metrics::level=none'];
  const collector = startProcess(programOf(peers.collector), [...args, ...quiet], { cwd: folder.path });
  const stop = async () => void (await collector.stop('SIGTERM'));
  onTestFinished(() => stop().finally(folder.remove));
  return { logs: collector.stderr, stop };
}

/** A point as the exporter `debug` prints it. */
export interface PrintedPoint {
  readonly metric: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly nanoseconds: bigint;
  readonly value: number;
}

/** The points that the exporter `debug` has printed with `verbosity: detailed`, in their order. */
export function pointsIn(logs: string): PrintedPoint[] {
  const points: PrintedPoint[] = [];
  let metric = '';
  let attributes: Record<string, string> = {};
  let time = '';
  for (const line of logs.split('\n')) {
    const [, key = '', text = ''] = /^\s*(?:-> )?([^:]+): (.*)$/.exec(line) ?? [];
    if (key === 'Name') metric = text;
    if (line.startsWith('NumberDataPoints')) attributes = {};
    const attribute = /^Str\((.*)\)$/.exec(text);
    if (attribute?.[1] !== undefined) attributes[key] = attribute[1];
    if (key === 'Timestamp') time = text;
    if (key === 'Value') points.push({ metric, attributes, nanoseconds: nanosecondsOf(time), value: Number(text) });
  }
  return points;
}

/** Reads a time such as `2026-11-30 01:44:02.123456789 +0000 UTC`. */
function nanosecondsOf(text: string): bigint {
  const [, day, clock, fraction = ''] = /^(\S+) (\d+:\d+:\d+)(?:\.(\d+))? \+0000 UTC$/.exec(text) ?? [];
  return BigInt(Date.parse(`${day}T${clock}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}
