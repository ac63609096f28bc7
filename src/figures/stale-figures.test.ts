import { describe, expect, it, vi } from 'vitest';
import { figureLabels, figures } from '../../test/kit/context.ts';
import { memoryStorage } from '../../test/kit/memory-storage.ts';
import { Grid, HOUR, runOf, START, said, saidOnce, stageOf } from '../../test/kit/revised-grid.ts';
import { Attribute } from '../model/attributes.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { cpuUsage, hostPower, samplesOf } from '../model/signals.ts';
import type { Outcome } from '../plugin/index.ts';
import { knownFigures } from './names.ts';

const { signal } = new AbortController();
const { emissions } = knownFigures;

/** A slice of an hour at 1 kW, whose CPU use may be known for longer. */
function sliceOf({ coresFor = 0 } = {}): Run {
  const window = { 'run.start_time': START, 'run.duration': HOUR, 'run.sampling': 'interval' };
  const marks = { 'stream.id': 'stream/a', 'stream.part': 0, 'stream.position': 'x' };
  const power = samplesOf(hostPower, Series.regular([START, 0], HOUR, Float64Array.of(1000)));
  const cores = samplesOf(cpuUsage, Series.regular([START, 0], coresFor, Float64Array.of(1)));
  const samples = coresFor > 0 ? [power, cores] : [power];
  return Run.of({ scenario: 'host', region: 'us-east-1', ...window, ...marks }, { samples });
}

describe('a revision of which it is said once that there is one', () => {
  const gridAt = (value: number) => {
    const grid = new Grid();
    grid.hours = [{ value }];
    return grid;
  };

  it('counts for runs and streams that were not taken yet when it was read', async () => {
    const grid = gridAt(0.5);
    const { promise: isTaken, resolve: take } = Promise.withResolvers<void>();
    const next = async (runs: readonly Run[]): Promise<Outcome | undefined> => {
      if (runs.some(({ restated }) => restated === undefined)) await isTaken;
      return undefined;
    };
    const { read, ...revisions } = countingReads(saidOnce(grid));
    const { stage, runs } = await stageOf({ grid, revisions }, {}, next);
    const underWay = stage.consume([runOf('a'), sliceOf()], signal);
    grid.hours = [{ value: 0.25 }];
    await vi.waitUntil(() => read() > 2);
    take();
    await underWay;
    await vi.waitUntil(() => runs.length === 4);
    expect(said(runs.slice(2))).toEqual([
      ['a', 0.25, 1],
      ['host', -0.25, 1],
    ]);
  });

  it('counts for runs that are not taken behind the first time that they are restated', async () => {
    const grid = gridAt(0.5);
    let refusals = 2;
    const defer = (runs: readonly Run[]) => {
      return runs[0]?.restated && refusals-- > 0 ? { refused: [], deferred: runs } : undefined;
    };
    const { stage, runs } = await stageOf({ grid, revisions: saidOnce(grid) }, {}, defer);
    await stage.consume([runOf('a')], signal);
    grid.hours = [{ value: 0.25 }];
    await vi.waitUntil(() => runs.length === 2);
    expect(said(runs.slice(1))).toEqual([['a', 0.25, 1]]);
  });

  it('counts for runs and streams of before a restart in which it came', async () => {
    const grid = gridAt(0.5);
    const disk = memoryStorage();
    const stored = { storage: 'disk' };
    const before = await stageOf({ grid, revisions: saidOnce(grid) }, stored, undefined, disk);
    await before.stage.consume([runOf('a'), sliceOf()], signal);
    await before.stage.shutdown?.(signal);
    grid.hours = [{ value: 0.75 }];
    const { runs } = await stageOf({ grid, revisions: saidOnce(grid) }, stored, undefined, disk);
    await vi.waitUntil(() => runs.length === 2);
    expect(said(runs)).toEqual([
      ['a', 0.75, 1],
      ['host', 0.25, 1],
    ]);
  });
});

describe('a grid that is away', () => {
  const away = [{ value: 0.9, state: 'fallback' }] as const;

  it('takes nothing from a run that the stage before has valued again, or that is replayed', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const disk = memoryStorage();
    const before = await stageOf({ grid }, { storage: 'disk' }, undefined, disk);
    await before.stage.consume([runOf('a')], signal);
    await before.stage.shutdown?.(signal);
    grid.hours = away;
    const { stage, runs } = await stageOf({ grid }, { storage: 'disk' }, undefined, disk);
    await stage.consume([runOf('a').asReplayed()], signal);
    await stage.consume([runOf('a', { [Attribute.restated]: 1 })], signal);
    expect(said(runs)).toEqual([
      ['a', 0.5, 0],
      ['a', 0.5, 1],
    ]);
    expect(runs.map((run) => figureLabels(run, emissions.name)?.state)).toEqual(['live', 'live']);
    grid.hours = [{ value: 0.25, version: 'final' }];
    await vi.waitUntil(() => runs.length === 3);
    expect(said(runs.slice(2))).toEqual([['a', 0.25, 2]]);
  });
});

describe('kept runs', () => {
  it('make no room for one that takes more than there is', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const { stage, kept } = await stageOf({ grid }, { size_limit_mib: 0.01 });
    const power = Series.regular([START, 0], 1, new Float64Array(HOUR).fill(1000));
    const long = Run.of({ scenario: 'long', 'run.start_time': START }, { samples: [samplesOf(hostPower, power)] });
    await stage.consume([runOf('a'), long, runOf('b')], signal);
    expect(await kept()).toBe(2);
  });

  it('are written again only where something else is known of them', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }];
    const disk = memoryStorage();
    let updates = 0;
    const counting = watchedStorage(disk, () => updates++);
    const { read, ...revisions } = countingReads({ pace: 5, refresh: async () => true });
    const { stage, runs } = await stageOf({ grid, revisions }, { storage: 'disk' }, undefined, counting);
    await stage.consume([runOf('a')], signal);
    expect(updates).toBe(1);
    await vi.waitUntil(() => read() > 3);
    expect(updates).toBe(1);
    grid.hours = [{ value: 0.25 }];
    await vi.waitUntil(() => runs.length === 2 && updates === 2);
  });
});

it('thousands of kept runs are written some hundreds at a time', async () => {
  const grid = new Grid();
  grid.hours = [{ value: 0.5 }];
  const sizes: number[] = [];
  const disk = watchedStorage(memoryStorage(), (size) => sizes.push(size));
  const { stage } = await stageOf(
    { grid, revisions: { pace: 1e6, refresh: async () => false } },
    { storage: 'disk' },
    undefined,
    disk,
  );
  const runs = Array.from({ length: 1200 }, (_, index) => runOf(`run ${index}`));
  await stage.consume(runs, signal);
  expect(sizes).toEqual([500, 500, 200]);
});

describe('a stream', () => {
  it('is corrected though nothing was measured in one of its hours that has a price', async () => {
    const grid = new Grid();
    grid.hours = [{ value: 0.5 }, { value: 0.5 }];
    const { stage, runs } = await stageOf({ grid });
    await stage.consume([sliceOf({ coresFor: HOUR + 60 })], signal);
    grid.hours = [{ value: 0.25 }, { value: 0.25 }];
    await vi.waitUntil(() => runs.length === 2);
    expect(figures(runs[1])[emissions.name]).toBeCloseTo(-0.25, 12);
  });
});

/** The same revisions, and how often somebody has looked for some. */
function countingReads(revisions: ReturnType<typeof saidOnce>) {
  let reads = 0;
  const refresh: typeof revisions.refresh = (...given) => {
    reads++;
    return revisions.refresh(...given);
  };
  return { ...revisions, refresh, read: () => reads };
}

/** The same storage, and somebody who is told how many entries each update has. */
function watchedStorage(disk: ReturnType<typeof memoryStorage>, tell: (size: number) => void): typeof disk {
  return {
    ...disk,
    async openState(...named) {
      const state = await disk.openState(...named);
      const update: typeof state.update = (change) =>
        state.update((get) => {
          const entries = [...change(get)];
          tell(entries.length);
          return entries;
        });
      return { ...state, update };
    },
  };
}
