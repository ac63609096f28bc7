import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, join } from 'node:path';
import { messageOf, WattlineError } from '../errors.ts';

/** A running process group, whose output goes to this process's standard error. */
export interface RunningCommand {
  readonly pid: number;
  /**
   * Resolves when the started process has ended, with its exit status as a shell gives it: 128 + n where signal n ended it.
   * Others of its group may still run.
   */
  readonly ended: Promise<number>;
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
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? 128 + system.signals[signal as NodeJS.Signals]));
  });
  await once(child, 'spawn').catch((error: unknown) => {
    const message = `cannot measure \`${program}\`: ${messageOf(error)}`;
    throw new WattlineError('START_FAILED', message, { cause: error });
  });
  const pid = child.pid as number;
  const send = (name: NodeJS.Signals) => {
    succeeds(() => process.kill(-pid, name));
  };
  const killGroup = () => send('SIGKILL');
  process.once('exit', killGroup);
  const ended = exited.finally(() => process.removeListener('exit', killGroup));
  return { pid, ended, signal: send };
}

/** Returns the file of a command, looked up as a shell does. Throws `START_FAILED` where there is none. */
export function findCommand(name: string, path = process.env.PATH ?? ''): string {
  const places = name.includes('/') ? [name] : path.split(delimiter).map((folder) => join(folder || '.', name));
  const files = places.filter((path) => succeeds(() => accessSync(path)) && statSync(path).isFile());
  const runnable = files.find((file) => succeeds(() => accessSync(file, constants.X_OK)));
  if (runnable) return runnable;
  const missing = name.includes('/') ? 'there is no such file' : 'there is no such program on the PATH';
  const why = files.length ? `${files[0]} is not executable` : missing;
  throw new WattlineError('START_FAILED', `cannot measure \`${name}\`: ${why}`);
}

/** Whether an action does not throw. */
export function succeeds(act: () => unknown): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
