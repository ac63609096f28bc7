import { describe, expect, it } from 'vitest';
import { advised, JULY, madeRun, normalNumbers, packagedPipeline } from '../../test/kit/advice.ts';
import type { Run } from '../model/run.ts';
import { numbered } from './changed-runs.ts';
import { adviseOnWaste } from './waste.ts';

const MINUTE = 60;
const one = (attributes: Readonly<Record<string, string | number | boolean>>, streams = 1) =>
  madeRun({ start: JULY, watts: 100, cores: 1, streams, attributes });
/** A run with a sample a minute. */
const minutely = (streams: number, watts: readonly number[], cores: readonly number[]) =>
  madeRun({ streams, start: JULY, duration: MINUTE * (watts.length - 1), watts, cores });
const times = (value: number, count: number) => Array.from({ length: count }, () => value);
const savedBy = async (runs: readonly Run[], idleLimit = 15 * MINUTE) => {
  const { advice } = await advised(adviseOnWaste, runs, await packagedPipeline(), { idleLimit });
  return advice.map(({ id, saves, runs: changed }) => [id, saves.energy?.value, changed.length]);
};

describe('waste', () => {
  it.each([{ 'run.exit_status': 137 }, { 'run.failed': true }, { 'run.status': 'failed' }])(
    'is a run that failed, as %j says',
    async (attributes) => {
      expect(await savedBy([one(attributes), one({ 'run.exit_status': 0 })])).toEqual([['waste-failed', 60_000, 1]]);
    },
  );

  it('is a run of streams that made nothing', async () => {
    const runs = [one({ 'run.total_frames': 0 }), one({ 'run.total_frames': 9 }), one({ 'run.total_frames': 0 }, 0)];
    expect(await savedBy(runs)).toEqual([['waste-empty', 60_000, 1]]);
  });

  it('is what dropped frames have cost, from 1 % of all on', async () => {
    const dropping = (dropped: number) => one({ 'run.total_frames': 1000 - dropped, 'run.dropped_frames': dropped });
    expect(await savedBy([dropping(250), dropping(9), one({ 'run.dropped_frames': 5 })])).toEqual([
      ['waste-dropped-frames', 15_000, 1],
    ]);
  });

  it('is the time of an idle machine beyond the limit', async () => {
    // Samples of the minutes 15 to 30 are 0 then, and in between power runs straight.
    expect(await savedBy([minutely(0, times(60, 31), times(0.1, 31))])).toEqual([
      ['waste-idle', 60 * MINUTE * 15.5, 1],
    ]);
    expect(await savedBy([minutely(0, times(60, 16), times(0.1, 16))])).toEqual([]);
  });

  it('is the time in which the CPU use of a busy host is that of an idle one', async () => {
    const idle = minutely(0, times(60, 3), times(0.1, 3));
    const cores = [...times(2, 10), ...times(0.12, 21), ...times(2, 10)];
    const watts = cores.map((used) => 60 + 20 * used);
    const busy = minutely(2, watts, cores);
    const [found] = await savedBy([idle, busy], 10 * MINUTE);
    // From the tenth minute of the idle time to its end, and half a minute at both ends.
    expect(found).toEqual(['waste-idle', expect.closeTo(62.4 * MINUTE * 11, 6), 1]);
    // Where nobody has seen the host idle, nobody knows what idle is.
    expect(await savedBy([busy], 10 * MINUTE)).toEqual([]);
  });

  it('of idle time is not found in load that noise hides', () => {
    let found = 0;
    for (let trial = 0; trial < 200; trial++) {
      const noise = normalNumbers(trial);
      const samples = (mean: number) => Array.from({ length: 61 }, () => Math.max(0, mean + noise(0.05)));
      const runs = [
        minutely(0, times(60, 61).slice(0, 3), samples(0.1).slice(0, 3)),
        minutely(2, times(80, 61), samples(0.25)),
      ];
      const given = numbered(runs).map((raw) => ({ raw, valued: raw, amounts: {} }));
      found += adviseOnWaste(given, { idleLimit: 15 * MINUTE, value: async () => [] }).proposals.length;
    }
    expect(found / 200).toBeLessThanOrEqual(0.05);
  });

  it('is nothing where no run says so, which is said', async () => {
    const { silences } = await advised(adviseOnWaste, [one({})], await packagedPipeline());
    expect(silences).toEqual([expect.objectContaining({ kind: 'waste', reason: 'no_waste' })]);
  });
});
