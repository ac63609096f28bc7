import { describeRun, numberOf } from '../model/attributes.ts';
import type { Line } from '../model/line.ts';
import type { Run } from '../model/run.ts';
import { SECONDS_PER_HOUR } from './integrate.ts';
import { streamsOf } from './streams.ts';

const counts = { pixel: 'run.pixels_processed', frame: 'run.total_frames', request: 'run.requests' } as const;

/** What cost and emissions of a run can be shared out over: its length, its length times its streams, or what it counted. */
export type WorkUnit = 'hour' | 'stream_hour' | keyof typeof counts;

/** A unit that a numeric attribute of the run counts. */
export interface CountedUnit {
  readonly name: string;
  readonly attribute: string;
}

/** How much work a run did, above 0, and how that came about, the last line being the work; or why it is not known. */
export type Work =
  | { readonly value: number; readonly lines: readonly [...Line[], Line] }
  | { readonly value: undefined; readonly reason: string; readonly problem: string };

/** The work of a run in a unit: hours, hours times streams, or a count. 0 is no work, since nothing can be shared out over it. */
export function workOf(run: Run, unit: WorkUnit | CountedUnit): Work {
  if (unit === 'hour') return hoursOf(run);
  if (unit === 'stream_hour') return streamHoursOf(run);
  return countOf(run, typeof unit === 'string' ? { name: unit, attribute: counts[unit] } : unit);
}

function hoursOf(run: Run): Work {
  const duration = run.duration;
  if (duration === undefined) {
    return none('no_duration', `${describeRun(run)} has neither a duration above 0 nor an end after its start`);
  }
  const value = duration / SECONDS_PER_HOUR;
  const lines = [
    { name: 'duration_seconds', value: duration, unit: 's', note: 'of the run' },
    { name: 'hours', expression: `duration_seconds / ${SECONDS_PER_HOUR}`, value, unit: 'h' },
  ] as const;
  return { value, lines };
}

function streamHoursOf(run: Run): Work {
  const streams = streamsOf(run);
  if (streams === undefined) {
    const problem = `neither \`streams\` nor the name of ${describeRun(run)} says how many streams it had`;
    return none('unknown_streams', problem);
  }
  if (streams === 0) return none('no_streams', `${describeRun(run)} had no streams`);
  const hours = hoursOf(run);
  if (hours.value === undefined) return hours;
  const value = hours.value * streams;
  const lines = [
    ...hours.lines,
    { name: 'streams', value: streams, unit: '{stream}', note: 'as stated, else by the name of the run' },
    { name: 'stream_hours', expression: 'hours * streams', value, unit: 'h' },
  ] as const;
  return { value, lines };
}

function countOf(run: Run, { name, attribute }: CountedUnit): Work {
  const value = numberOf(run.attributes, attribute);
  if (value !== undefined && value > 0) {
    return { value, lines: [{ name: `${name}_count`, value, unit: `{${name}}`, note: `\`${attribute}\` of the run` }] };
  }
  const what = value === undefined ? 'no number' : value;
  return none(`no_${name}`, `${describeRun(run)} has ${what} as \`${attribute}\`, where a number above 0 is needed`);
}

function none(reason: string, problem: string): Work {
  return { value: undefined, reason, problem };
}
