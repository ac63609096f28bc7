import { describe, expect, it } from 'vitest';
import { hostPower, type Run } from 'wattline/plugin';
import { memoryStates } from '../../../src/plugin/states.ts';
import type { States, Storage } from '../../../src/plugin/storage.ts';
import { createTestContext } from '../../../test/kit/context.ts';
import { measuredRun as measured, runOf } from '../../../test/kit/runs-with-power.ts';
import plugin from './index.ts';

const never = new AbortController().signal;

describe('what was learnt', () => {
  /** A predictor with the same storage as another one. */
  const over = (states: States, more: object = {}) => {
    const context = createTestContext({ storages: { kept: states as Storage } });
    const stage = plugin.create(context.ctx, plugin.configSchema.parse({ storage: 'kept', ...more }));
    const consume = (runs: readonly Run[]) => stage.consume(runs, never);
    return { ...context, stage, consume };
  };

  it('is there again after a restart', async () => {
    const states = memoryStates();
    const before = over(states);
    await before.stage.start?.(never);
    await before.consume([1, 2, 3].map((streams) => measured(streams)));
    await before.stage.shutdown?.(never);
    const after = over(states);
    await after.stage.start?.(never);
    await after.consume([runOf('2 streams', [])]);
    expect(after.runs[0]?.samplesOf(hostPower)?.series.values[0]).toBeCloseTo(75, 9);
    await after.stage.shutdown?.(never);
    const state = await states.openState('tested', 'test');
    expect(state.entries('predictor/power/')).toHaveLength(3);
  });

  it('is there again but for what is damaged, which stops no start', async () => {
    const states = memoryStates();
    const before = over(states);
    await before.stage.start?.(never);
    await before.consume([1, 2, 3].map((streams) => measured(streams)));
    await before.stage.shutdown?.(never);
    const state = await states.openState('tested', 'test');
    const damaged = ['{', 'null', '{"v":2}', '["",1e999,5,1]', '["",null,"x",null]'];
    await state.update(() => damaged.map((text, i) => [`predictor/power/${i}`, text] as const));
    await state.close();
    const after = over(states);
    await after.stage.start?.(never);
    await after.consume([runOf('2 streams', [])]);
    expect(after.runs[0]?.samplesOf(hostPower)?.series.values[0]).toBeCloseTo(75, 9);
    await after.stage.shutdown?.(never);
  });

  it('of runs of the same name and start is that of each group', async () => {
    const { stage, consume, runs } = over(memoryStates(), { group_by: ['host.name'] });
    await stage.start?.(never);
    const onHost = (host: string, run: Run) => run.with({ attributes: { 'host.name': host } });
    for (const [host, more] of [
      ['a', 0],
      ['b', 100],
    ] as const)
      await consume([1, 2, 3, 4].map((streams) => onHost(host, measured(streams, streams, 25 + 25 * streams + more))));
    runs.splice(0);
    await consume([onHost('a', runOf('2 streams', [])), onHost('b', runOf('2 streams', []))]);
    expect(runs.map((run) => run.samplesOf(hostPower)?.series.values[0])).toEqual([75, 175]);
    await stage.shutdown?.(never);
  });

  it('is kept in memory where there is no storage, so that a reload forgets nothing', async () => {
    const { ctx, runs } = createTestContext();
    const make = () => plugin.create(ctx, plugin.configSchema.parse({}));
    const first = make();
    await first.start?.(never);
    await first.consume(
      [1, 2, 3].map((streams) => measured(streams)),
      never,
    );
    await first.shutdown?.(never);
    const second = make();
    await second.start?.(never);
    await second.consume([runOf('2 streams', [])], never);
    expect(runs.at(-1)?.power).toBe('predicted');
    await second.shutdown?.(never);
  });

  it('is as many runs as are wanted, and those that went are gone from the storage', async () => {
    const states = memoryStates();
    for (const starts of [
      [1, 2, 3],
      [4, 5, 6],
    ]) {
      const { stage, consume } = over(states, { training: { max_runs: 3 } });
      await stage.start?.(never);
      await consume(starts.map((start) => measured(start)));
      await stage.shutdown?.(never);
    }
    const state = await states.openState('tested', 'test');
    expect(state.entries('predictor/power/').map(([, text]) => JSON.parse(text).at(-1))).toEqual([4, 5, 6]);
  });

  it('is forgotten, and that is said, where it was learnt for other settings', async () => {
    const states = memoryStates();
    const before = over(states);
    await before.stage.start?.(never);
    await before.consume([1, 2, 3].map((streams) => measured(streams)));
    await before.stage.shutdown?.(never);
    const after = over(states, { group_by: ['encoder'] });
    await after.stage.start?.(never);
    expect(after.logs).toEqual(['warn: what was learnt before is forgotten: it was learnt for other settings']);
    expect(await after.ownMetric('wattline_predictor_training_runs')).toBe(0);
    await after.stage.shutdown?.(never);
  });

  it('may not be that of another predictor', async () => {
    const states = memoryStates();
    const first = over(states);
    await first.stage.start?.(never);
    await expect(over(states).stage.start?.(never)).rejects.toThrow('is in use by another `predictor`');
    await first.stage.shutdown?.(never);
  });
});
