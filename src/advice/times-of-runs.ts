import { toSeconds } from '../model/hr-time.ts';
import type { Run } from '../model/run.ts';

/** When some runs began and ended, in seconds since 1970. */
export interface Times {
  readonly from: number;
  readonly until: number;
}

/** Returns when the first of the runs began and the last ended; undefined where none says when it was. */
export function timesOf(runs: readonly Run[]): Times | undefined {
  let times: Times | undefined;
  for (const run of runs) {
    if (!run.isDated) continue;
    const [start, end] = [toSeconds(run.window.start), toSeconds(run.window.end)];
    times = { from: Math.min(start, times?.from ?? start), until: Math.max(end, times?.until ?? end) };
  }
  return times;
}
