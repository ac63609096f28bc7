import { meanOf } from '../figures/integrate.ts';
import { streamsOf } from '../figures/streams.ts';
import type { Run } from '../model/run.ts';
import { cpuUsage, hostPower, ruleOf } from '../model/signals.ts';
import { numberOfRun } from './changed-runs.ts';
import { hostOf } from './hosts.ts';

/** A time within a run, in seconds from the start of its samples. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** How far above its idle CPU use a host still is idle, as a part of the way to the most that it has used. */
const NEAR_IDLE = 0.05;

/**
 * Returns when runs were idle for longer than a limit in seconds, without the time until then, by their numbers. A run of no
 * streams is idle all the time. Another is while every sample of its CPU use is near that of runs of no streams on its host;
 * where there are none, nobody knows what idle is there.
 */
export function idleStretches(runs: readonly Run[], limit: number): ReadonlyMap<number, readonly Stretch[]> {
  const stretches = new Map<number, readonly Stretch[]>();
  for (const members of Map.groupBy(runs, hostOf).values()) {
    const most = idleCoresOf(members);
    for (const run of members) {
      const found =
        streamsOf(run) === 0 ? wholeOf(run, limit) : most === undefined ? [] : stretchesOf(run, most, limit);
      if (found.length) stretches.set(numberOfRun(run), found);
    }
  }
  return stretches;
}

/** Returns how many cores an idle host uses at most; undefined where it was never seen idle, or never busy. */
function idleCoresOf(runs: readonly Run[]): number | undefined {
  const means = (wanted: (streams: number | undefined) => boolean) =>
    runs.filter((run) => wanted(streamsOf(run))).flatMap((run) => meanOfCores(run) ?? []);
  const [idle, busy] = [means((streams) => streams === 0), means((streams) => streams !== 0)];
  if (idle.length === 0 || busy.length === 0) return undefined;
  const [floor, ceiling] = [idle, busy].map((all) => all.reduce((most, one) => Math.max(most, one))) as [
    number,
    number,
  ];
  return ceiling > floor ? floor + NEAR_IDLE * (ceiling - floor) : undefined;
}

function meanOfCores(run: Run): number | undefined {
  const samples = run.samplesOf(cpuUsage);
  return samples && meanOf(samples.series);
}

function wholeOf(run: Run, limit: number): readonly Stretch[] {
  const samples = run.samplesOf(hostPower) ?? run.samplesOf(cpuUsage);
  if (!samples) return [];
  const { series, signal } = samples;
  return beyond([{ from: series.offset(0), to: series.end(ruleOf(run, signal)) }], limit);
}

function stretchesOf(run: Run, most: number, limit: number): readonly Stretch[] {
  const series = run.samplesOf(cpuUsage)?.series;
  if (!series) return [];
  const found: Stretch[] = [];
  let from: number | undefined;
  for (let i = 0; i <= series.length; i++) {
    const isIdle = i < series.length && series.at(i) <= most;
    if (isIdle) from ??= series.offset(i);
    else if (from !== undefined) {
      found.push({ from, to: series.offset(i - 1) });
      from = undefined;
    }
  }
  return beyond(found, limit);
}

function beyond(stretches: readonly Stretch[], limit: number): readonly Stretch[] {
  return stretches.filter(({ from, to }) => to - from > limit).map(({ from, to }) => ({ from: from + limit, to }));
}
