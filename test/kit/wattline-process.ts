import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ProcessOptions, type RunningProcess, startProcess } from './child-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

export { freePort } from './free-port.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const CONFIG = 'wattline.yaml';

export interface WattlineOptions {
  /** The text of the configuration; its relative paths lead into the process's own folder. */
  readonly config: string;
  /** More files for that folder, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** More arguments of `wattline run`. */
  readonly args?: readonly string[];
}

export interface WattlineProcess {
  /** The folder with the configuration and its files; removed by `stop`. */
  readonly directory: string;
  /** Everything written to standard error so far. */
  logs(): string;
  /** Everything written to standard output so far. */
  output(): string;
  /** Writes more files into the folder, by path. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Resolves when a GET of the URL is answered with a 2xx. */
  waitFor: RunningProcess['waitFor'];
  /** Writes another text into the configuration, and sends SIGHUP. */
  reload(config: string): Promise<void>;
  /** Sends SIGINT and resolves with the exit status. */
  stop(): Promise<number | null>;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `wattline run` as a process of its own, in a new folder that holds the configuration and the files. */
export async function startWattline({ config, files, env, args = [] }: WattlineOptions): Promise<WattlineProcess> {
  const folder = await temporaryFolder({ ...files, [CONFIG]: config });
  const child = startProcess(process.execPath, [CLI, 'run', '--config', join(folder.path, CONFIG), ...args], {
    cwd: folder.path,
    env,
  });
  return {
    directory: folder.path,
    logs: child.stderr,
    output: child.stdout,
    write: folder.write,
    waitFor: child.waitFor,
    async reload(text) {
      await folder.write({ [CONFIG]: text });
      child.send('SIGHUP');
    },
    stop: () => child.stop('SIGINT').finally(folder.remove),
  };
}

/** Runs the command line, as `['run', '--once', '--config', file]`, until it ends by itself. */
export async function runWattline(args: readonly string[], options?: ProcessOptions): Promise<Finished> {
  const child = startProcess(process.execPath, [CLI, ...args], options);
  const code = await child.exited;
  return { code, stdout: child.stdout(), stderr: child.stderr() };
}

/** Runs `wattline run --once` in a new folder that holds the configuration and the files. */
export async function runOnce({ config, files, env }: WattlineOptions): Promise<Finished> {
  const folder = await temporaryFolder({ ...files, [CONFIG]: config });
  try {
    return await runWattline(['run', '--once', '--config', join(folder.path, CONFIG)], { cwd: folder.path, env });
  } finally {
    await folder.remove();
  }
}

/** Returns what `validate` warns of, beside endpoints that are open to other machines, as those of a container must be. */
export function warningsIn(stderr: string): string[] {
  return stderr
    .split('\n')
    .filter((line) => line !== '' && !/ other machines reach it, and it lets everybody in;/.test(line));
}
