import { spawn } from 'node:child_process';

/** A server that runs in a process of its own. */
export interface ServerProcess {
  readonly pid: number;
  /** When it was started, in milliseconds of `performance.now()`. */
  readonly began: number;
  /** What it has written to standard output and standard error so far. */
  output(): string;
  send(signal: NodeJS.Signals): void;
  /** Ends it at once. */
  stop(): Promise<void>;
}

/** Starts Node with the given arguments, as `startProgram` does. */
export function startServer(
  args: readonly string[],
  ready: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  return startProgram(process.execPath, args, ready, env);
}

/**
 * Starts a program with the given arguments, and resolves once what it writes to standard output or standard error matches
 * `ready`. Throws with its output where it ends before.
 */
export async function startProgram(
  program: string,
  args: readonly string[],
  ready: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<ServerProcess> {
  const began = performance.now();
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve, reject) => child.once('error', reject).once('close', () => resolve()));
  let output = '';
  let isReady = false;
  await new Promise<void>((resolve, reject) => {
    const gather = (data: Buffer) => {
      output += data;
      if (isReady) return;
      isReady = ready.test(output);
      if (isReady) resolve();
    };
    child.stdout.on('data', gather);
    child.stderr.on('data', gather);
    ended.then(() => reject(new Error(`${program} ${args.join(' ')} ended before it was ready:\n${output}`)), reject);
  });
  return {
    pid: child.pid as number,
    began,
    output: () => output,
    send: (signal) => void child.kill(signal),
    async stop() {
      kill();
      await ended;
      process.removeListener('exit', kill);
    },
  };
}
