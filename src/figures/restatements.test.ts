import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { figureLabels, figures } from '../../test/kit/context.ts';
import { memoryStorage } from '../../test/kit/memory-storage.ts';
import { Grid, HOUR, runOf, START, said, stageOf } from '../../test/kit/revised-grid.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { hostPower, samplesOf } from '../model/signals.ts';
import { knownFigures } from './names.ts';

const { signal } = new AbortController();
const { emissions } = knownFigures;

describe('a run whose intensity is revised', () => {
  it('is handed on whole with its new figures until they are final, each time counted', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const { stage, runs, logs, count, kept } = await stageOf({ grid });
    await stage.consume([runOf('a')], signal);
    expect(said(runs)).toEqual([['a', 0.5, 0]]);
    grid.hours = [{ value: 0.75 }];
    await vi.waitUntil(() => runs.length === 2);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await vi.waitUntil(() => runs.length === 3);
    expect(said(runs)).toEqual([
      ['a', 0.5, 0],
      ['a', 0.75, 1],
      ['a', 0.25, 2],
    ]);
    expect(runs[2]?.samplesOf(hostPower)?.series.length).toBe(2);
    expect(runs[2]?.resource.attributes).toMatchObject({
      'factor.intensity.version': 'final',
      'factor.intensity.value': 0.25,
    });
    await vi.waitUntil(async () => (await kept()) === 0);
    expect(await count()).toBe(2);
    expect(logs).toContain('info: runs were valued again: a factor was revised');
  });

  it('comes to what the last data say, whatever was said before', async () => {
    const value = fc.integer({ min: 0, max: 2000 }).map((grams) => grams / 1000);
    const known = fc.array(value, { minLength: 3, maxLength: 3 });
    const revisions = fc.array(known, { minLength: 1, maxLength: 4 });
    const lengths = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
    const check = async (versions: number[][], hours: number[]) => {
      const grid = new Grid();
      const { stage, runs, kept } = await stageOf({ grid });
      const [first, ...others] = versions as [number[], ...number[][]];
      grid.hours = first.map((value) => ({ value }));
      await stage.consume(
        hours.map((count, index) => runOf(`run ${index}`, { hours: count })),
        signal,
      );
      for (const values of others) {
        grid.hours = values.map((value) => ({ value }));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const last = versions.at(-1) as number[];
      grid.hours = last.map((value) => ({ value, version: 'final' }));
      await vi.waitUntil(async () => (await kept()) === 0);
      await stage.shutdown?.(signal);
      for (const [index, count] of hours.entries()) {
        const expected = last.slice(0, count).reduce((sum, value) => sum + value, 0);
        const found = runs.findLast(({ scenario }) => scenario === `run ${index}`);
        expect(Math.abs((figures(found)[emissions.name] as number) - expected)).toBeLessThan(1e-8);
      }
    };
    await fc.assert(fc.asyncProperty(revisions, lengths, check), { numRuns: 15 });
  });

  it('stays in its series, though its record says where the factor is from now', async () => {
    const grid = new Grid();
    const { stage, runs } = await stageOf({ grid });
    await stage.consume([runOf('a')], signal);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await vi.waitUntil(() => runs.length === 2);
    expect(runs.map((run) => figureLabels(run, emissions.name)?.state)).toEqual(['fallback', 'fallback']);
    expect(runs[1]?.resource.attributes).toMatchObject({ 'factor.intensity.state': 'live' });
    await stage.consume([runOf('a')], signal);
    expect(figureLabels(runs[2], emissions.name)).toMatchObject({ state: 'fallback' });
  });

  it('is not valued by less than was known', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const { stage, runs } = await stageOf({ grid });
    await stage.consume([runOf('a'), runOf('b', { at: START + HOUR })], signal);
    grid.hours = [{ value: 0.9, state: 'fallback' }, { value: 0.4 }];
    await vi.waitUntil(() => runs.length === 3);
    expect(said(runs.slice(2))).toEqual([['b', 0.4, 1]]);
  });

  it('takes the place of what is kept where it comes again, and is there where one branch refused it', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const refuse = (runs: readonly Run[]) => {
      const refused = runs.filter(({ restated }) => restated === undefined);
      return { refused: refused.map((run) => ({ run, reason: 'no', message: 'no' })), deferred: [] };
    };
    const { stage, runs } = await stageOf({ grid }, {}, refuse);
    await stage.consume([runOf('a')], signal);
    await stage.consume([runOf('a')], signal);
    grid.hours = [{ value: 0.25 }];
    await vi.waitUntil(() => runs.length === 1);
    grid.hours = [{ value: 0.75, version: 'final' }];
    await vi.waitUntil(() => runs.length === 2);
    expect(said(runs)).toEqual([
      ['a', 0.25, 1],
      ['a', 0.75, 2],
    ]);
  });

  it('has no figure of what it does not measure any more when it comes again', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const { stage, runs } = await stageOf({ grid });
    const run = runOf('a');
    await stage.consume([run], signal);
    await stage.consume([run.bare()], signal);
    expect(said(runs)).toEqual([
      ['a', 0.5, 0],
      ['a', undefined, 0],
    ]);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await stage.consume([runOf('b')], signal);
    expect(said(runs.slice(2))).toEqual([['b', 0.25, 0]]);
  });

  it('is tried again where it is not taken behind, and goes to all who have it where it was replayed', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    let refusals = 2;
    const defer = (runs: readonly Run[]) =>
      runs[0]?.restated && refusals-- > 0 ? { refused: [], deferred: runs } : undefined;
    const { stage, runs, count } = await stageOf({ grid }, {}, defer);
    await stage.consume([runOf('a').asReplayed()], signal);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await vi.waitUntil(() => runs.length === 2);
    expect(said(runs)).toEqual([
      ['a', 0.5, 0],
      ['a', 0.25, 1],
    ]);
    expect(runs.map(({ replayed }) => replayed)).toEqual([true, false]);
    expect(await count()).toBe(1);
  });

  it('is kept no longer than `window`, and no more of them than there is room for', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const long = await stageOf({ grid }, { window: '30m' });
    await long.stage.consume([runOf('long ago')], signal);
    expect(await long.kept()).toBe(0);
    const few = await stageOf({ grid }, { max_runs: 2 });
    await few.stage.consume([runOf('a'), runOf('b'), runOf('c')], signal);
    expect(await few.kept()).toBe(2);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await vi.waitUntil(() => few.runs.length === 5);
    expect(said(few.runs.slice(3))).toEqual([
      ['b', 0.25, 1],
      ['c', 0.25, 1],
    ]);
    const small = await stageOf({ grid }, { size_limit_mib: 0.001 });
    grid.hours = [{ value: 0.5 }];
    await small.stage.consume([runOf('a')], signal);
    expect(await small.kept()).toBe(0);
  });
});

describe('slices whose intensity is revised', () => {
  /** A slice of so many seconds at 1 kW, the only one that counts together. */
  function sliceAt(second: number, seconds: number, attributes: Record<string, string | number> = {}): Run {
    const at = START + second;
    const power = Series.regular([at, 0], seconds, Float64Array.of(1000));
    const marks = { 'stream.id': 'stream/a', 'stream.part': 0, 'stream.position': String(at) };
    const window = { 'run.start_time': at, 'run.duration': seconds, 'run.sampling': 'interval' };
    const named = { scenario: 'host', region: 'us-east-1', ...window, ...marks, ...attributes };
    return Run.of(named, { samples: [samplesOf(hostPower, power)] });
  }
  const total = (runs: readonly Run[]) => runs.reduce((sum, run) => sum + (figures(run)[emissions.name] ?? 0), 0);

  it('are corrected by what they differ in, so that all add up to the final data', async () => {
    const value = fc.integer({ min: 0, max: 2000 }).map((grams) => grams / 1000);
    const known = fc.array(value, { minLength: 3, maxLength: 3 });
    const revisions = fc.array(known, { minLength: 1, maxLength: 4 });
    const slice = fc.record({ second: fc.integer({ min: 0, max: 9000 }), seconds: fc.integer({ min: 1, max: 1800 }) });
    const check = async (versions: number[][], slices: { second: number; seconds: number }[]) => {
      const grid = new Grid();
      const { stage, runs, kept } = await stageOf({ grid });
      for (const [index, values] of versions.entries()) {
        grid.hours = values.map((value) => ({ value }));
        const some = slices.filter((_, at) => at % versions.length === index);
        for (const { second, seconds } of some) await stage.consume([sliceAt(second, seconds)], signal);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      const last = versions.at(-1) as number[];
      grid.hours = last.map((value) => ({ value, version: 'final' }));
      await vi.waitUntil(async () => (await kept()) === 0);
      await stage.shutdown?.(signal);
      const overlap = (hour: number, from: number, to: number) =>
        Math.max(0, Math.min(to, (hour + 1) * HOUR) - Math.max(from, hour * HOUR));
      const expected = slices.flatMap(({ second, seconds }) =>
        last.map((value, hour) => (overlap(hour, second, second + seconds) / HOUR) * value),
      );
      expect(Math.abs(total(runs) - expected.reduce((sum, one) => sum + one, 0))).toBeLessThan(1e-8);
      for (const run of runs) expect(run.isSlice).toBe(true);
    };
    await fc.assert(fc.asyncProperty(revisions, fc.array(slice, { minLength: 1, maxLength: 6 }), check), {
      numRuns: 15,
    });
  });

  it('have one correction for each stream, in the series that they are in, which comes again until it is taken', async () => {
    const grid = new Grid();
    let refusals = 2;
    const defer = (runs: readonly Run[]) => {
      return runs[0]?.restated && refusals-- > 0 ? { refused: [], deferred: runs } : undefined;
    };
    const { stage, runs, count } = await stageOf({ grid }, {}, defer);
    await stage.consume([sliceAt(0, 1800, { boundary: 'host' }), sliceAt(0, 1800, { boundary: 'gpu' })], signal);
    await stage.consume([sliceAt(1800, 1800, { boundary: 'host' })], signal);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await vi.waitUntil(() => runs.length === 5);
    const fallback = figures(runs[0])[emissions.name] as number;
    const corrections = runs.slice(3);
    expect(corrections.map(({ attributes }) => attributes.boundary)).toEqual(['host', 'gpu']);
    const [first, second] = corrections.map(({ attributes }) => String(attributes['stream.position']).split(' '));
    expect(second).toEqual([first?.[0], String(Number(first?.[1]) + 1)]);
    expect(corrections.map(({ startTime, duration }) => [startTime, duration])).toEqual([
      [START, HOUR],
      [START, 1800],
    ]);
    expect(figures(corrections[0])[emissions.name]).toBeCloseTo(0.25 - 2 * fallback, 12);
    expect(figures(corrections[1])[emissions.name]).toBeCloseTo(0.125 - fallback, 12);
    for (const run of runs) expect(figureLabels(run, emissions.name)).toMatchObject({ state: 'fallback' });
    expect(await count()).toBe(2);
  });

  it('that were counted though their sums could not be handed on are corrected too', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    let isAway = true;
    const { stage, runs, kept } = await stageOf({ grid }, {}, (given) =>
      isAway ? { refused: [], deferred: given } : undefined,
    );
    await stage.consume([sliceAt(0, 60)], signal);
    await stage.consume([sliceAt(0, 60)], signal);
    expect(await kept()).toBe(0);
    isAway = false;
    // The stream goes on behind it.
    await stage.consume([sliceAt(60, 60)], signal);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await vi.waitUntil(async () => (await kept()) === 0);
    expect(figures(runs.at(-1))[emissions.name]).toBeCloseTo((120 / HOUR) * -0.25, 12);
  });

  it('that were not taken, or only in part, are not corrected', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    let isAway = true;
    const next = (runs: readonly Run[]) => (isAway ? { refused: [], deferred: runs.slice(-1) } : undefined);
    const { stage, runs, kept } = await stageOf({ grid }, {}, next);
    const { 'stream.position': position, ...first } = sliceAt(0, 60).attributes;
    const parts = () => [
      Run.of(first, sliceAt(0, 60)),
      sliceAt(60, 60, { 'stream.part': 1, 'stream.position': String(position) }),
    ];
    await stage.consume(parts(), signal);
    expect(await kept()).toBe(0);
    isAway = false;
    await stage.consume(parts(), signal);
    expect(await kept()).toBe(1);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await vi.waitUntil(async () => (await kept()) === 0);
    expect(figures(runs.at(-1))[emissions.name]).toBeCloseTo((120 / HOUR) * -0.25, 12);
  });
});

describe('with a storage', () => {
  it('what is kept is valued again after a restart, and goes to all who have it', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const disk = memoryStorage();
    const first = await stageOf({ grid }, { storage: 'disk' }, undefined, disk);
    const slice = Run.of(
      {
        ...{ scenario: 'host', region: 'us-east-1', 'run.start_time': START, 'run.duration': HOUR },
        ...{ 'run.sampling': 'interval', 'stream.id': 'stream/a', 'stream.part': 0, 'stream.position': 'x' },
      },
      { samples: [samplesOf(hostPower, Series.regular([START, 0], HOUR, Float64Array.of(1000)))] },
    );
    await first.stage.consume([runOf('a'), slice], signal);
    await first.stage.shutdown?.(signal);
    const second = await stageOf({ grid }, { storage: 'disk' }, undefined, disk);
    expect(await second.kept()).toBe(2);
    // The receiver hands it over again for the page, by what is known by then.
    grid.hours = [{ value: 0.75, version: 'final' }];
    await second.stage.consume([runOf('a').asReplayed()], signal);
    await vi.waitUntil(() => second.runs.length === 3);
    expect(said(second.runs)).toEqual([
      ['a', 0.75, 0],
      ['a', 0.75, 1],
      ['host', 0.25, 1],
    ]);
    expect(second.runs.map(({ replayed }) => replayed)).toEqual([true, false, false]);
    expect(second.runs[1]?.samplesOf(hostPower)?.series.length).toBe(2);
    await vi.waitUntil(async () => (await second.kept()) === 0);
    await second.stage.shutdown?.(signal);
    expect(await (await stageOf({ grid }, { storage: 'disk' }, undefined, disk)).kept()).toBe(0);
  });

  it('a correction that was not taken before a restart is the same after it', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const disk = memoryStorage();
    const sent: Run[] = [];
    const defer = (runs: readonly Run[]) => {
      sent.push(...runs);
      return runs[0]?.restated ? { refused: [], deferred: runs } : undefined;
    };
    const first = await stageOf({ grid }, { storage: 'disk' }, defer, disk);
    const marks = { 'run.sampling': 'interval', 'stream.id': 'stream/a', 'stream.part': 0, 'stream.position': 'x' };
    const window = { scenario: 'host', region: 'us-east-1', 'run.start_time': START, 'run.duration': HOUR };
    const power = samplesOf(hostPower, Series.regular([START, 0], HOUR, Float64Array.of(1000)));
    await first.stage.consume([Run.of({ ...window, ...marks }, { samples: [power] })], signal);
    grid.hours = [{ value: 0.75, version: 'final' }];
    await vi.waitUntil(() => sent.length > 1);
    await first.stage.shutdown?.(signal);
    const second = await stageOf({ grid }, { storage: 'disk' }, undefined, disk);
    await vi.waitUntil(() => second.runs.length === 1);
    expect(second.runs[0]?.attributes).toEqual(sent[1]?.attributes);
    expect(said(second.runs)).toEqual([['host', 0.25, 1]]);
  });
});
