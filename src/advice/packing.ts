import { countOf } from '../count.ts';
import { measure } from '../figures/measure.ts';
import { streamsOf } from '../figures/streams.ts';
import { Attribute } from '../model/attributes.ts';
import { powerKindOf } from '../model/power-kind.ts';
import type { Run } from '../model/run.ts';
import { cpuUsage, hostPower, type Signal } from '../model/signals.ts';
import { fitModel, predict } from '../prediction/model.ts';
import type { Change, Findings, Proposal, Silence, ValuedRun } from './advice.ts';
import { changing, numberOfRun, withValues } from './changed-runs.ts';
import { hostAttributes, hostOf } from './hosts.ts';
import { meanInterval } from './mean-interval.ts';
import { idPart } from './own-ids.ts';
import { hasFailed } from './waste.ts';

/** What the runs of a group share beside their host, so that their power differs by the number of streams alone. */
const SAME_WORK = ['encoder', 'bitrate', 'run.preset', 'run.crf', 'run.resolution', 'run.fps', 'run.content'];

/** How many runs, and of how many numbers of streams, a curve must rest on. */
const LEAST_RUNS = 5;
const LEAST_LOADS = 3;
/** The level that is wanted of the interval of the fuller host's power. */
const LEVEL = 0.9;

/** A run with its number of streams. */
interface Loaded {
  readonly run: Run;
  readonly streams: number;
}

/** What one host draws or uses at its fullest, and the ends of that. */
interface Fullest {
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Proposes to run streams on fewer, fuller hosts of the same kind: the share of a stream is `(idle + f(n)) / n`. The fullest
 * host is the one with the largest number of streams that was measured, never a fuller one. For each group it rests on a curve
 * of mean power over streams, and proposes nothing where the saving may be noise.
 */
export function adviseOnPacking(runs: readonly ValuedRun[]): Findings {
  const loaded = runs.flatMap(({ raw }): Loaded[] => {
    const streams = streamsOf(raw);
    return streams === undefined || hasFailed(raw) || meanOf(raw, hostPower) === undefined
      ? []
      : [{ run: raw, streams }];
  });
  const busy = loaded.filter(({ streams }) => streams > 0);
  const idle = Map.groupBy(
    loaded.filter(({ streams }) => streams === 0),
    ({ run }) => meterOf(run),
  );
  const findings = [...Map.groupBy(busy, ({ run }) => workOf(run)).values()].map((group) => {
    const { run } = group[0] as Loaded;
    return adviseOnGroup(nameOf(run), group, idle.get(meterOf(run)) ?? []);
  });
  if (findings.length === 0) findings.push(silent('no_streams', 'no run with power says how many streams it had'));
  return {
    proposals: findings.flatMap(({ proposals }) => proposals),
    silences: findings.flatMap(({ silences }) => silences),
  };
}

function adviseOnGroup(name: string, busy: readonly Loaded[], idle: readonly Loaded[]): Findings {
  const all = [...idle, ...busy];
  const work = workOf((busy[0] as Loaded).run);
  const most = busy.reduce((largest, { streams }) => Math.max(largest, streams), 0);
  const emptier = busy.filter(({ streams }) => streams < most);
  const loads = new Set(all.map(({ streams }) => streams)).size;
  if (all.length < LEAST_RUNS || loads < LEAST_LOADS) {
    const known = `${countOf(all.length, 'run')} of ${countOf(loads, 'number')} of streams`;
    const needed = `${LEAST_RUNS} of ${LEAST_LOADS} or more are needed`;
    return silent('too_few_runs', `${name}: it has ${known}, and ${needed}`);
  }
  if (emptier.length === 0) return silent('one_load', `${name}: all hosts were as full as any that was measured`);
  const power = fullestOf(all, most, hostPower);
  if (!power) return silent('noise', `${name}: no interval is known of the power at ${most} streams`);
  // What each run saves on average even where the fuller host draws the upper end of its interval.
  const spared = emptier.map(({ run, streams }) => (meanOf(run, hostPower) as number) - (streams / most) * power.upper);
  if (!((meanInterval(spared, LEVEL)?.lower ?? 0) > 0)) {
    return silent('noise', `${name}: at ${most} streams a host may draw as much a stream as the emptier ones did`);
  }
  const cores = fullestOf(all, most, cpuUsage);
  const at = (end: keyof Fullest): Change => {
    const shares = new Map(emptier.map(({ run, streams }) => [numberOfRun(run), streams / most]));
    return changing(
      emptier.map(({ run }) => run),
      (run) => {
        // What advice before it has given other work is no part of this curve any more.
        if (workOf(run) !== work) return run;
        return sharing(run, shares.get(numberOfRun(run)) as number, power[end], cores?.[end]);
      },
    );
  };
  const proposal: Proposal = {
    kind: 'packing',
    id: `packing-${idPart(name)}`,
    title: `Run ${most} streams on a host where there were fewer: ${name}`,
    assumes: [
      `enough of these streams were there at the same time to fill hosts with ${most} each`,
      'the emptied hosts were switched off or given back, or do other work that pays for them',
      'the frame rate and the quality hold at that load, as they did in the runs that measured it',
      ...(cores ? [] : ['the CPU time of a stream stays the same']),
    ],
    check: `measure ${most} streams on one host with \`wattline measure --streams ${most}\`, and compare the energy of a stream`,
    apply: at('value'),
    ends: [at('lower'), at('upper')],
  };
  return { proposals: [proposal], silences: [] };
}

/** Returns a run as if its streams had been on a fuller host, of which they carry their share of power and CPU time. */
function sharing(run: Run, share: number, watts: number, cores: number | undefined): Run {
  const changed = withValues(run, (was, _, signal) =>
    signal === hostPower ? share * watts : cores === undefined ? was : share * cores,
  );
  return changed.with({ attributes: { [Attribute.power]: 'predicted' } });
}

/** Returns what a host of these runs draws or uses with so many streams; undefined where no curve or interval is known. */
function fullestOf(loaded: readonly Loaded[], most: number, signal: Signal): Fullest | undefined {
  const training = loaded.flatMap(({ run, streams: x }) => {
    const y = meanOf(run, signal);
    return y === undefined ? [] : [{ id: String(numberOfRun(run)), group: '', x, y }];
  });
  if (training.length < loaded.length) return undefined;
  const options = { model: 'auto', leastDifferent: LEAST_LOADS, level: LEVEL, outside: 'refuse' } as const;
  const expected = predict(fitModel(training, options), '', most);
  if (expected.value === undefined || !expected.interval) return undefined;
  return { value: expected.value, lower: expected.interval.lower, upper: expected.interval.upper };
}

/** Returns the mean of a signal over the time of a run. */
function meanOf(run: Run, signal: Signal): number | undefined {
  const measured = measure(run, signal);
  return measured.value === undefined ? undefined : measured.value / measured.span;
}

/** Returns a text that is the same for runs whose power was found on the same host in the same way. */
function meterOf(run: Run): string {
  return JSON.stringify([hostOf(run), run.attributes[Attribute.boundary], powerKindOf(run)]);
}

/** Returns a text that is the same for runs that one curve may go through. */
function workOf(run: Run): string {
  return JSON.stringify([meterOf(run), ...SAME_WORK.map((name) => run.attributes[name])]);
}

function nameOf(run: Run): string {
  const said = [...hostAttributes, ...SAME_WORK, Attribute.boundary].flatMap((name) => run.attributes[name] ?? []);
  return [...said, ...(powerKindOf(run) === 'modelled' ? ['modelled'] : [])].join(' ') || 'all runs';
}

function silent(reason: string, message: string): Findings {
  const silence: Silence = { kind: 'packing', reason, message };
  return { proposals: [], silences: [silence] };
}
