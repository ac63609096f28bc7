import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RunningProcess {
  /** What it has written to standard output and standard error so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Its exit status, once it has ended; null where a signal ended it. */
  readonly exited: Promise<number | null>;
  /** Resolves when a GET of the URL is answered with a 2xx; rejects where the process ends before or 45 s have passed. */
  waitFor(url: string): Promise<void>;
  /** Sends the signal. */
  send(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end; after 15 s it is killed. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

export interface ProcessOptions {
  readonly cwd?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
}

const START_DEADLINE = 45_000;
const STOP_DEADLINE = 15_000;

/** Starts a program and gathers its output; it does not outlive this process. */
export function startProcess(
  program: string,
  args: readonly string[],
  { cwd, env }: ProcessOptions = {},
): RunningProcess {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const killChild = () => child.kill('SIGKILL');
  process.once('exit', killChild);
  const stdout = gather(child.stdout);
  const stderr = gather(child.stderr);
  let ended = false;
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => {
    ended = true;
    process.removeListener('exit', killChild);
  });
  exited.catch(() => {});
  const described = () => `${program} ${args.join(' ')}\n${stdout()}${stderr()}`;

  async function waitFor(url: string): Promise<void> {
    const deadline = Date.now() + START_DEADLINE;
    while (!(await answers(url))) {
      if (ended) throw new Error(`ended before ${url} answered: ${described()}`);
      if (Date.now() > deadline) throw new Error(`${url} did not answer in time: ${described()}`);
      await sleep(25);
    }
  }

  async function stop(signal: NodeJS.Signals): Promise<number | null> {
    child.kill(signal);
    const timer = setTimeout(killChild, STOP_DEADLINE);
    try {
      return await exited;
    } finally {
      clearTimeout(timer);
    }
  }

  return { stdout, stderr, exited, waitFor, send: (signal) => void child.kill(signal), stop };
}

function gather(stream: ChildProcess['stdout']): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}
