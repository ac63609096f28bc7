import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, join } from 'node:path';
import { messageOf, WattlineError } from '../errors.ts';

/** The result of a command; its status is that of a shell: 128 + n where signal n ended it. */
export interface Ending {
  readonly status: number;
  readonly signal: NodeJS.Signals | undefined;
}

/** A running process group, whose output goes to this process's standard error. */
export interface RunningCommand {
  readonly pid: number;
  /** Resolves when the started process has ended; others of its group may still run. */
  readonly ended: Promise<Ending>;
  /** Sends a signal to all processes of the group; does nothing where none is left. */
  signal(name: NodeJS.Signals): void;
}

/** Starts a command as the leader of its own session and process group. Throws `START_FAILED` where that fails. */
export async function startCommand(
  commandLine: readonly string[],
  stdin: 'ignore' | 'inherit',
): Promise<RunningCommand> {
  const [program = '', ...args] = commandLine;
  const child = spawn(program, args, { detached: true, stdio: [stdin, 2, 2] });
  const exited = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ status: code ?? 128 + system.signals[signal as NodeJS.Signals], signal: signal ?? undefined });
    });
  });
  await started(child, program);
  const pid = child.pid as number;
  const send = (name: NodeJS.Signals) => {
    try {
      process.kill(-pid, name);
    } catch {}
  };
  const killGroup = () => send('SIGKILL');
  process.once('exit', killGroup);
  const ended = exited.finally(() => process.removeListener('exit', killGroup));
  return { pid, ended, signal: send };
}

/** Returns the file of a command, looked up as a shell does. Throws `START_FAILED` where there is none. */
export function findCommand(name: string, path = process.env.PATH ?? ''): string {
  const places = name.includes('/') ? [name] : path.split(delimiter).map((folder) => join(folder || '.', name));
  const files = places.filter(isFile);
  const runnable = files.find(isExecutable);
  if (runnable) return runnable;
  const why = files.length
    ? `${files[0]} is not executable`
    : name.includes('/')
      ? 'there is no such file'
      : 'there is no such program on the PATH';
  throw new WattlineError('START_FAILED', `cannot measure \`${name}\`: ${why}`);
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function started(child: ChildProcess, program: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) => {
      const message = `cannot measure \`${program}\`: ${messageOf(error)}`;
      reject(new WattlineError('START_FAILED', message, { cause: error }));
    });
  });
}
