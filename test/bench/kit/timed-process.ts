import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const REPORT_USAGE = fileURLToPath(new URL('./report-usage.cjs', import.meta.url));

/** What a process came to, from its start to its end. */
export interface TimedProcess {
  readonly wallMs: number;
  readonly userMs: number;
  readonly systemMs: number;
  readonly peakMib: number;
  /** What it has read from files and sockets; undefined where the system does not say. */
  readonly bytesRead?: number;
  readonly stdout: string;
}

/** Runs Node with the given arguments until it ends by itself. Throws with its output where its exit status is not 0. */
export async function timeNode(args: readonly string[]): Promise<TimedProcess> {
  const began = performance.now();
  const child = spawn(process.execPath, ['--require', REPORT_USAGE, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const texts = ['', '', '', ''];
  for (const descriptor of [1, 2, 3]) child.stdio[descriptor]?.on('data', (data) => (texts[descriptor] += data));
  let wallMs = 0;
  child.once('exit', () => {
    wallMs = performance.now() - began;
  });
  const status = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  process.removeListener('exit', kill);
  const [, stdout = '', stderr = '', usage = ''] = texts;
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with status ${status}:\n${stdout}${stderr}`);
  return { wallMs, ...(JSON.parse(usage) as Omit<TimedProcess, 'wallMs' | 'stdout'>), stdout };
}
