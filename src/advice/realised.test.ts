import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { advised, JULY, madeRun, normalNumbers, packagedPipeline } from '../../test/kit/advice.ts';
import { Run } from '../model/run.ts';
import type { ValueRuns } from './advice.ts';
import { numbered } from './changed-runs.ts';
import { addToKept, type KeptAdvice, keep, readKept } from './kept-advice.ts';
import { adviseOnPacking } from './packing.ts';
import { perOutput } from './per-output.ts';
import { realisedSaving } from './realised.ts';

const ACCEPTED = new Date('2026-08-01T00:00:00Z');
const LATER = JULY + 1e6;
const noise = normalNumbers(1);
const runOf = (streams: number, start: number, watts = 50 + 5 * streams) =>
  madeRun({ streams, start, watts: watts + noise(0.5), cores: 0.1 });
/** Each number of streams in turn, twelve times. */
const before = Array.from({ length: 60 }, (_, index) => runOf([0, 1, 2, 4, 8][index % 5] ?? 0, JULY + 1000 * index));

describe('accepted advice', () => {
  let folder: string;
  let value: ValueRuns;
  let kept: KeptAdvice;
  const valued = (runs: readonly Run[]) => value(numbered(runs));
  const realised = async (runs: readonly Run[]) => {
    const { laterRuns, amounts } = realisedSaving(kept, await valued(runs));
    return { laterRuns, energy: amounts.find(({ name }) => name === 'energy_joules') };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wattline-'));
    value = await packagedPipeline();
    const { advice } = await advised(adviseOnPacking, before, value);
    const [first] = advice;
    const one = first && keep(first, await valued(before), ACCEPTED);
    if (!one) throw new Error('there is advice to keep');
    kept = one;
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is kept once, with what it was measured on', async () => {
    const path = join(folder, 'advice.yaml');
    expect(await readKept(path)).toEqual([]);
    expect(await addToKept(path, [kept])).toEqual([kept]);
    expect(await addToKept(path, [{ ...kept, title: 'another' }])).toEqual([]);
    expect(await readKept(path)).toEqual([kept]);
    expect(await readFile(path, 'utf8')).toMatch(/^# Accepted advice\. .*\n- id: packing-all-runs\n/);
    expect(kept.measured_on).toEqual({ runs: 60, from: '2026-07-01T00:00:00.000Z', until: '2026-07-01T16:33:20.000Z' });
    // 12 × (1 + 2 + 4 + 8) streams for ten minutes each.
    expect(kept.before).toMatchObject({ unit: 'stream_hour', units: expect.closeTo(30, 9), usd: { runs: 60 } });
  });

  it('is kept without what it saves of runs whose output is not known', async () => {
    const { advice } = await advised(adviseOnPacking, before, value);
    const [first] = advice;
    if (!first) throw new Error('there is advice to keep');
    const nameless = Run.of({ 'run.start_time': JULY, 'run.duration': 600 }, { samples: before[0]?.samples ?? [] });
    expect(keep(first, await valued([nameless, ...before]), ACCEPTED)?.predicted).toEqual({});
    expect(keep(first, await valued(before), ACCEPTED)?.predicted).toEqual(kept.predicted);
  });

  it('is not compared with what is of another kind', async () => {
    const usd = { ...(kept.before.usd as NonNullable<KeptAdvice['before']['usd']>), kind: 'energy' };
    const other = { ...kept, before: { ...kept.before, usd } };
    const later = Array.from({ length: 10 }, (_, i) => runOf(8, LATER + 1000 * i));
    const { amounts } = realisedSaving(other, await valued(later));
    expect(amounts.find(({ name }) => name === 'usd')).toMatchObject({
      realised: undefined,
      verdict: 'cannot be told: before it was of the kind `energy`, later of `total`',
    });
  });

  it('cannot be read from another file, which says so', async () => {
    const path = join(folder, 'other.yaml');
    await writeFile(path, '- id: a\n');
    await expect(readKept(path)).rejects.toThrow(/other\.yaml is no file of accepted advice, as --keep writes it: /);
    await expect(addToKept(join(folder, 'absent', 'advice.yaml'), [kept])).rejects.toThrow(/cannot be written/);
  });

  it('has saved as predicted where later runs did the same work on full hosts', async () => {
    // Twice the idle runs and streams of before: 24 runs of none, and 8 × 45 streams in runs of 8.
    const streams = [...Array.from({ length: 24 }, () => 0), ...Array.from({ length: 45 }, () => 8)];
    const { laterRuns, energy } = await realised([...before, ...streams.map((n, i) => runOf(n, LATER + 1000 * i))]);
    expect(laterRuns).toBe(69);
    // An idle run draws 50 W, and one of 8 streams 90 W, for 1/6 h each.
    const joules = (24 * 50 + 45 * 90) * 600;
    const was = kept.before.energy_joules?.value as number;
    expect((energy?.realised?.value as number) / (was - joules / (45 * 8 * (1 / 6)))).toBeCloseTo(1, 1);
    expect(energy?.verdict).toBe('saved as predicted');
  });

  it.each([
    ['cannot be told: two runs with this figure are needed before and later', [8].map((n) => runOf(n, LATER))],
    [
      'cannot be told: the difference may be none',
      before.map((_, i) => runOf([0, 1, 2, 4, 8][i % 5] ?? 0, LATER + 1000 * i)),
    ],
    ['a unit of output costs more than before', [1, 1, 1, 1].map((n, i) => runOf(n, LATER + 1000 * i, 300))],
    ['saved more than predicted', [8, 8, 8, 8].map((n, i) => runOf(n, LATER + 1000 * i, 5))],
  ])('says of later runs: %s', async (verdict, later) => {
    expect((await realised(later)).energy?.verdict).toBe(verdict);
  });

  it('is of the hours of the runs where nothing says how many streams there were', async () => {
    const unknown = await valued([madeRun({ start: JULY, watts: 1 })]);
    expect(perOutput(unknown)).toMatchObject({ unit: 'hour', units: 1 / 6 });
    expect(perOutput(await valued([runOf(0, JULY)]), 'stream_hour')).toBeUndefined();
  });
});
