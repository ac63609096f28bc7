import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PeerProgram } from './peers.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

/** What a terminal for tests needs. */
export const terminalPrograms: readonly PeerProgram[] = ['script'];

/** The command line in a terminal of its own. */
export interface Terminal {
  /** Everything that it has shown so far, standard output and standard error alike. */
  output(): string;
  type(keys: string): void;
  /** Its exit status, once it has ended. */
  readonly exited: Promise<number | null>;
}

export interface TerminalOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly columns?: number;
  readonly rows?: number;
}

/** Runs the command line, as `['top', '--once']`, in a pseudo-terminal. */
export function typeInTerminal(args: readonly string[], options: TerminalOptions = {}): Terminal {
  const { env, cwd, columns = 80, rows = 24 } = options;
  const command = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
  const size = `stty rows ${rows} cols ${columns}`;
  const child = spawn('script', ['-qec', `${size}; exec ${command}`, '/dev/null'], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => process.removeListener('exit', kill));
  return { output: () => output, type: (keys) => void child.stdin.write(keys), exited };
}
