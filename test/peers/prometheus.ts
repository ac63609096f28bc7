import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type RunningProcess, startProcess } from '../kit/child-process.ts';
import { freePort } from '../kit/free-port.ts';
import { findProgram } from '../kit/peers.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { programOf } from './cache.ts';
import { peers } from './peers.ts';

/** Debian's, which speaks remote write 1.0, and the one that is built, which speaks 2.0 too. */
export const prometheusPrograms = {
  '2': () => findProgram('prometheus') ?? 'prometheus',
  '3': () => programOf(peers.prometheus),
};

export interface StartedPrometheus {
  readonly url: string;
  logs(): string;
  /** Ends it; `start` starts it again with what it has stored. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts a Prometheus until the end of the test, with a configuration (YAML text) and flags. */
export async function startPrometheusOf(
  version: keyof typeof prometheusPrograms,
  config: string,
  flags: readonly string[] = [],
): Promise<StartedPrometheus> {
  const folder = await temporaryFolder({ 'prometheus.yml': config });
  const url = `http://127.0.0.1:${await freePort()}`;
  const paths = [
    `--config.file=${join(folder.path, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(folder.path, 'data')}`,
  ];
  let child: RunningProcess | undefined;
  const stop = async () => {
    await child?.stop('SIGTERM');
    child = undefined;
  };
  const start = async () => {
    const address = `--web.listen-address=${new URL(url).host}`;
    child = startProcess(prometheusPrograms[version](), [...paths, address, ...flags], { cwd: folder.path });
    await child.waitFor(`${url}/-/ready`);
  };
  onTestFinished(async () => {
    await stop();
    await folder.remove();
  });
  await start();
  return { url, start, stop, logs: () => child?.stderr() ?? '' };
}
