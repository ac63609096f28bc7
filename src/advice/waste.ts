import { measure } from '../figures/measure.ts';
import { streamsOf } from '../figures/streams.ts';
import { numberOf } from '../model/attributes.ts';
import type { Run } from '../model/run.ts';
import { cpuUsage, hostPower } from '../model/signals.ts';
import type { AdviserOptions, Findings, Proposal, Silence, ValuedRun } from './advice.ts';
import { changing, numberOfRun, withValues } from './changed-runs.ts';
import { idleStretches, type Stretch } from './idle-stretches.ts';

/** Below that part of its frames a run has dropped next to nothing. */
const LEAST_DROPPED = 0.01;
const DROPPED = ['run.dropped_frames', 'run.frames_dropped', 'run.drop_frames'];
const OUTPUTS = ['run.total_frames', 'run.pixels_processed'];

/** Proposes to avoid what cost without output: runs that failed or made nothing, dropped frames, and idle machines. */
export function adviseOnWaste(runs: readonly ValuedRun[], { idleLimit }: AdviserOptions): Findings {
  const raw = runs.map((run) => run.raw);
  const failed = raw.filter(hasFailed);
  const empty = raw.filter((run) => !hasFailed(run) && madeNothing(run));
  const whole = raw.filter((run) => !hasFailed(run) && !madeNothing(run));
  const dropping = whole.filter((run) => droppedShare(run) >= LEAST_DROPPED);
  const idle = idleStretches(whole, idleLimit);
  const found = [
    failed.length ? [dropOf(failed, 'failed', 'Find out early why these runs fail: they ended with an error')] : [],
    empty.length
      ? [dropOf(empty, 'empty', 'Find out early why these runs make nothing: they ended with no frame')]
      : [],
    dropping.length ? [sparedFrames(dropping)] : [],
    idle.size ? [switchedOff(whole, idle, idleLimit)] : [],
  ].flat();
  const silences: Silence[] = found.length ? [] : [nothingFound(raw, idleLimit)];
  return { proposals: found, silences };
}

/** Returns whether a run says that it ended with an error. */
export function hasFailed({ attributes }: Run): boolean {
  const status = numberOf(attributes, 'run.exit_status');
  return (
    (status !== undefined && status !== 0) || attributes['run.failed'] === true || attributes['run.status'] === 'failed'
  );
}

/** Returns whether a run of streams says that it has made no frame or pixel. */
function madeNothing(run: Run): boolean {
  return streamsOf(run) !== 0 && OUTPUTS.some((name) => numberOf(run.attributes, name) === 0);
}

/** Returns which part of the frames of a run it has dropped; 0 where it does not say so. */
function droppedShare({ attributes }: Run): number {
  const [dropped] = DROPPED.flatMap((name) => numberOf(attributes, name) ?? []);
  const made = numberOf(attributes, 'run.total_frames');
  return dropped === undefined || made === undefined || dropped <= 0 ? 0 : dropped / (dropped + made);
}

function dropOf(runs: readonly Run[], id: string, title: string): Proposal {
  return {
    kind: 'waste',
    id: `waste-${id}`,
    title,
    assumes: [
      'a check at the start would have ended them at once, at no cost',
      'nothing that they made is of use, and they need not run again at the same cost',
    ],
    check: 'look at their logs, and at `exit_status`, `total_frames` and `pixels_processed` of the results',
    apply: changing(runs, () => undefined),
  };
}

function sparedFrames(runs: readonly Run[]): Proposal {
  return {
    kind: 'waste',
    id: 'waste-dropped-frames',
    title: 'Give these runs fewer frames or more room: they dropped 1 % of their frames or more',
    assumes: ['a dropped frame has cost as much as one that was made, and need not have been begun'],
    check: 'run one of them with a lower frame rate or fewer streams a host, and compare `dropped_frames`',
    apply: changing(runs, (run) => withValues(run, (was) => was * (1 - droppedShare(run)))),
  };
}

function switchedOff(all: readonly Run[], idle: ReadonlyMap<number, readonly Stretch[]>, limit: number): Proposal {
  const runs = all.filter((run) => idle.has(numberOfRun(run)));
  return {
    kind: 'waste',
    id: 'waste-idle',
    title: `Switch machines off, or give them back, that have been idle for ${limit / 60} minutes`,
    assumes: [
      'an idle machine is not needed, and off it draws and costs nothing',
      'what starting it again costs is less than what it saves; that is not in the figures',
      'these runs are no measurement of the idle machine that somebody wanted',
    ],
    check: `look at what the machine is for, and at its power once it was idle for ${limit / 60} minutes`,
    apply: changing(runs, (run) => {
      const stretches = idle.get(numberOfRun(run)) ?? [];
      return withValues(run, (was, index, signal) => {
        const offset = run.samplesOf(signal)?.series.offset(index) ?? 0;
        return stretches.some(({ from, to }) => offset >= from && offset <= to) ? 0 : was;
      });
    }),
  };
}

function nothingFound(runs: readonly Run[], limit: number): Silence {
  const isKnown = runs.some(
    (run) => measure(run, cpuUsage).value !== undefined && measure(run, hostPower).value !== undefined,
  );
  const unknown = isKnown ? '' : '; of idle machines nothing is known without samples of power and CPU';
  const message = `no run says that it failed, made nothing or dropped frames, and none was idle for ${limit / 60} minutes${unknown}`;
  return { kind: 'waste', reason: 'no_waste', message };
}
