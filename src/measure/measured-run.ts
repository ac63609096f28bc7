import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningCommand, startCommand } from './command.ts';
import type { CpuMeter } from './cpu-meter.ts';
import type { Interruption, StopSignal } from './interruption.ts';
import { hostCpuSeconds } from './proc-stat.ts';
import type { EnergyMeter } from './rapl.ts';

/** Milliseconds that a command may take to end after the signal, and its processes after SIGKILL. */
const GRACE = 5000;
const AFTER_KILL = 2000;
const POLL = 20;

/** What to run and how to measure it; times in seconds. */
export interface RunRequest {
  readonly commandLine: readonly string[];
  readonly stdin: 'ignore' | 'inherit';
  readonly interval: number;
  /** The command is stopped after this time. */
  readonly limit: number | undefined;
  readonly cpu: CpuMeter;
  readonly energy: EnergyMeter | undefined;
  readonly interruption: Interruption;
}

/** The measurement of a run. */
export interface MeasuredRun {
  /** Its start in seconds since 1970, and its duration in seconds. */
  readonly startTime: number;
  readonly duration: number;
  /** The times of the readings in seconds since the start; the first is 0, the last the duration. */
  readonly times: readonly number[];
  readonly cpuSeconds: readonly number[];
  readonly joules: readonly number[] | undefined;
  /** The command's exit status; 128 + n where signal n ended it. */
  readonly exitStatus: number;
  /** What stopped it early: `duration`, or a signal to Wattline. */
  readonly stoppedBy: 'duration' | StopSignal | undefined;
  /** The mean number of cores that other processes of the host used meanwhile. */
  readonly otherCores: number;
  /** The number of the command's processes that went on after its end. */
  readonly leftBehind: number;
}

/** Measures a command from its start to its end. Throws `START_FAILED` where it cannot start. */
export async function measureRun(request: RunRequest): Promise<MeasuredRun> {
  const { cpu, interval } = request;
  const recording = startRecording(request);
  const command = await startCommand(cpu.wrap(request.commandLine), request.stdin);
  cpu.follow(command.pid);
  const finished = new AbortController();
  const sampling = sampleUntil(finished.signal, recording, interval);
  const stopped = superviseUntil(finished.signal, command, request);
  const exitStatus = await command.ended;
  if (stopped.reason) await endRemains(command, cpu);
  recording.read();
  finished.abort();
  await sampling;
  return {
    ...recording.finish(),
    exitStatus,
    stoppedBy: stopped.reason,
    leftBehind: stopped.reason ? 0 : cpu.processes().length,
  };
}

type Recording = ReturnType<typeof startRecording>;

/** Reads all counters at one time, each from 0 at the start. */
function startRecording({ cpu, energy }: RunRequest) {
  const joulesBefore = energy?.read() ?? 0;
  const hostBefore = hostCpuSeconds();
  const ownBefore = process.cpuUsage();
  const startTime = Date.now() / 1000;
  const start = performance.now();
  const [times, cpuSeconds, joules] = [[0], [0], energy && [0]];
  /** Seconds since the start. */
  const elapsed = () => (performance.now() - start) / 1000;
  return {
    elapsed,
    read() {
      cpuSeconds.push(cpu.read());
      times.push(elapsed());
      if (energy) joules?.push(energy.read() - joulesBefore);
    },
    finish() {
      const duration = times.at(-1) as number;
      const own = process.cpuUsage(ownBefore);
      const counted = (cpuSeconds.at(-1) as number) + (own.user + own.system) / 1e6;
      const otherCores = Math.max(0, (hostCpuSeconds() - hostBefore - counted) / duration);
      return { startTime, duration, times, cpuSeconds, joules, otherCores };
    },
  };
}

/** Reads every `interval` seconds after the start, even where the previous reading was late. */
async function sampleUntil(finished: AbortSignal, { elapsed, read }: Recording, interval: number): Promise<void> {
  for (let next = 1; !finished.aborted; next = Math.max(next, Math.floor(elapsed() / interval)) + 1) {
    const wait = Math.max(0, next * interval - elapsed()) * 1000;
    await sleep(wait, undefined, { signal: finished }).catch(() => {});
    if (!finished.aborted) read();
  }
}

/** Forwards signals and stops the command after its duration; records which of them stopped it. */
function superviseUntil(finished: AbortSignal, command: RunningCommand, { limit, cpu, interruption }: RunRequest) {
  const stopped: { reason: MeasuredRun['stoppedBy'] } = { reason: undefined };
  const after = (milliseconds: number, act: () => void) =>
    sleep(milliseconds, undefined, { signal: finished }).then(act, () => {});
  const kill = () => {
    command.signal('SIGKILL');
    cpu.kill();
  };
  const stop = (reason: 'duration' | StopSignal) => {
    stopped.reason ??= reason;
    command.signal(reason === 'duration' ? 'SIGTERM' : reason);
    // A person can press Ctrl-C again; after other signals a deadline kills the command.
    if (reason !== 'SIGINT') after(GRACE, kill);
  };
  const forward = () => stop(interruption.stop.reason.signal);
  if (interruption.stop.aborted) forward();
  interruption.stop.addEventListener('abort', forward, { signal: finished });
  interruption.kill.addEventListener('abort', kill, { signal: finished });
  if (limit !== undefined) after(limit * 1000, () => stop('duration'));
  return stopped;
}

/** Waits until all processes of a stopped command have ended, and kills those that do not. */
async function endRemains(command: RunningCommand, cpu: CpuMeter): Promise<void> {
  const remain = () => cpu.processes().length > 0;
  const killAt = performance.now() + GRACE;
  while (remain() && performance.now() < killAt) await sleep(POLL);
  if (!remain()) return;
  command.signal('SIGKILL');
  cpu.kill();
  while (remain() && performance.now() < killAt + AFTER_KILL) await sleep(POLL);
}
