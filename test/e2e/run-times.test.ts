import { copyFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import focus from '../../plugins/exporters/focus/index.ts';
import { rowsOf } from '../../plugins/exporters/focus/rows.ts';
import { keyOf } from '../../plugins/extensions/dashboard/run-record.ts';
import { knownFigures } from '../../src/figures/index.ts';
import { figure, type Run, toSeconds } from '../../src/plugin/index.ts';
import { fileReceivers } from '../kit/file-receiver.ts';

const NEVER = new AbortController().signal;
const TIME = Date.UTC(2026, 10, 20, 10) / 1000;

/** What a run of a file says of its time, and the file of it. */
interface Said {
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly duration: number | undefined;
  readonly times: readonly number[] | undefined;
  readonly isInterval: boolean;
  readonly date: number | undefined;
}

const moment = fc.integer({ min: TIME, max: TIME + 600 });
const said: fc.Arbitrary<Said> = fc
  .record({
    start: fc.option(moment, { nil: undefined }),
    length: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
    end: fc.option(moment, { nil: undefined }),
    duration: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
    first: moment,
    // No distance is more than twice another, so that there is no hole.
    distances: fc.option(fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 40 }), { nil: undefined }),
    isInterval: fc.boolean(),
    date: fc.option(moment, { nil: undefined }),
  })
  .map(({ start, length, end, duration, first, distances, isInterval, date }) => {
    const times =
      distances && [0, ...distances].map((_, i) => first + distances.slice(0, i).reduce((a, b) => a + b, 0));
    // No run ends before its start: such an end is refused.
    const until = start === undefined || length === undefined ? undefined : start + length;
    return { start, end: start === undefined ? end : until, duration, times, isInterval, date };
  });

/** The time that the data state, in their own words. */
function statedWindow({
  start,
  end,
  duration,
  times,
  isInterval,
  date,
}: Said): [start: number, end: number] | undefined {
  const first = times?.[0];
  const before = times?.at(-2);
  let last = times?.at(-1);
  if (isInterval && last !== undefined && before !== undefined) last += last - before;
  if (start !== undefined && end !== undefined) return [start, end];
  if (start !== undefined) return [start, Math.max(start, duration === undefined ? (last ?? start) : start + duration)];
  if (end !== undefined) return [Math.min(end, duration === undefined ? (first ?? end) : end - duration), end];
  if (first !== undefined && last !== undefined) return [duration === undefined ? first : last - duration, last];
  return date === undefined ? undefined : [duration === undefined ? date : date - duration, date];
}

/** All the ways to write a time. */
const forms: readonly ((time: number) => unknown)[] = [
  (time) => time,
  (time) => time * 1e3,
  (time) => time * 1e6,
  (time) => time * 1e9,
  (time) => new Date(time * 1000).toISOString(),
  (time) => new Date(time * 1000).toISOString().replace('T', ' ').replace('.000Z', '+00:00'),
];

function documentOf({ start, end, duration, times, isInterval, date }: Said, form: number): string {
  const written = forms[form] as (time: number) => unknown;
  const optional = (time: number | undefined) => (time === undefined ? undefined : written(time));
  const run = {
    name: 'a run',
    start_time: optional(start),
    end_time: optional(end),
    duration,
    sampling: isInterval ? 'interval' : 'instant',
    ...(times ? { timestamps: times.map(written), power_watts: times.map(() => 100) } : {}),
  };
  return JSON.stringify({ test_date: optional(date), scenarios: [run] });
}

/** What is known of a run that must not depend on its file: its time, its rows of FOCUS and the key of its place on the page. */
function whatCounts(run: Run): unknown {
  const { start, end } = run.window;
  const config = focus.configSchema.parse({ directory: '.' });
  const costs = { ...knownFigures.energyCost };
  const priced = run.with({ figures: [figure(costs, 1)] });
  const skipped: string[] = [];
  const rows = rowsOf(priced, config, ({ reason }) => skipped.push(reason));
  const window = run.isDated ? [toSeconds(start), toSeconds(end)] : undefined;
  return { window, duration: run.duration, rows, skipped, key: keyOf(run) };
}

describe('the time of a run', () => {
  it('is the one that the data state, and the same after touch, cp and mv', async () => {
    const { folder, create } = await fileReceivers();
    const path = (name: string) => join(folder.path, name);
    const read = async (): Promise<Run> => {
      const { receiver, runs } = create();
      await receiver.readOnce?.(NEVER);
      expect(runs).toHaveLength(1);
      return runs[0] as Run;
    };
    const property = fc.asyncProperty(said, fc.nat(forms.length - 1), fc.nat(2e9), async (given, form, mtime) => {
      await writeFile(path('a.json'), documentOf(given, form));
      const first = await read();
      const known = whatCounts(first);
      const { start, end } = first.window;
      expect(first.isDated ? [toSeconds(start), toSeconds(end)] : undefined).toEqual(statedWindow(given));
      await utimes(path('a.json'), mtime, mtime);
      expect(whatCounts(await read())).toEqual(known);
      await copyFile(path('a.json'), path('b.json'));
      await rm(path('a.json'));
      expect(whatCounts(await read())).toEqual(known);
      await rename(path('b.json'), path('c.json'));
      expect(whatCounts(await read())).toEqual(known);
      await rm(path('c.json'));
    });
    await fc.assert(property, { numRuns: 150 });
  });
});
