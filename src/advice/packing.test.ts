import { beforeAll, describe, expect, it } from 'vitest';
import { advised, JULY, madeRun, normalNumbers, packagedPipeline } from '../../test/kit/advice.ts';
import type { Run } from '../model/run.ts';
import type { ValueRuns } from './advice.ts';
import { numbered } from './changed-runs.ts';
import { adviseOnPacking } from './packing.ts';

const IDLE = 50;

/** Runs of ten minutes, with each number of streams several times. */
function runsOf(loads: readonly number[], times: number, watts: (streams: number) => number): Run[] {
  return loads.flatMap((streams, load) =>
    Array.from({ length: times }, (_, time) => {
      const start = JULY + 1000 * (load * times + time);
      return madeRun({ streams, start, watts: watts(streams), cores: 0.1 + streams });
    }),
  );
}

function adviceOn(runs: readonly Run[]) {
  return adviseOnPacking(numbered(runs).map((raw) => ({ raw, valued: raw, amounts: {} })));
}

describe('packing', () => {
  let value: ValueRuns;
  beforeAll(async () => {
    value = await packagedPipeline('processors.cost.usd_per_core_hour=0.36');
  });

  it('saves the idle power that emptier hosts do not share', async () => {
    const { advice } = await advised(
      adviseOnPacking,
      runsOf([0, 1, 2, 4, 8], 2, (streams) => IDLE + 5 * streams),
      value,
    );
    // 8 streams draw 90 W, 11.25 W each; 1, 2 and 4 of them have drawn 55, 60 and 70 W: twice 600 s of 106.25 W more.
    const joules = 2 * 600 * (55 + 60 + 70 - 7 * 11.25);
    // The host’s own 0.1 cores are shared too: 0.1 × (3 − 7/8) for as long, at 0.36 USD an hour.
    const usd = (joules / 3.6e6) * 0.13 + 2 * 600 * 0.1 * (3 - 7 / 8) * (0.36 / 3600);
    expect(advice).toHaveLength(1);
    expect(advice[0]?.saves.energy?.value).toBeCloseTo(joules, 6);
    expect(advice[0]?.saves.usd?.value).toBeCloseTo(usd, 12);
    expect(advice[0]?.saves.co2?.value).toBeCloseTo((joules / 3.6e6) * 0.418, 12);
    expect(advice[0]?.runs).toHaveLength(6);
    expect(advice[0]?.title).toBe('Run 8 streams on a host where there were fewer: all runs');
  });

  it('says an interval that widens with the noise', async () => {
    const widths = await Promise.all(
      [0.5, 2].map(async (deviation) => {
        const noise = normalNumbers(1);
        const runs = runsOf([0, 1, 2, 4, 8], 3, (streams) => IDLE + 5 * streams + noise(deviation));
        const { energy } = (await advised(adviseOnPacking, runs, value)).advice[0]?.saves ?? {};
        if (energy?.lower === undefined || energy.upper === undefined) throw new Error('it has an interval');
        expect(energy.lower).toBeLessThan(energy.value);
        return energy.upper - energy.lower;
      }),
    );
    expect(widths[1]).toBeGreaterThan(2 * (widths[0] as number));
  });

  it.each([
    ['too_few_runs', runsOf([1, 2, 4], 1, (streams) => IDLE + streams)],
    ['too_few_runs', runsOf([1, 8], 4, (streams) => IDLE + streams)],
    ['no_streams', [madeRun({ start: JULY, watts: 10 })]],
    ['noise', runsOf([1, 2, 4, 8], 3, (streams) => 10 * streams)],
    ['noise', runsOf([1, 2, 4, 8], 3, (streams) => 5 * streams ** 1.3)],
  ])('is silent with the reason `%s`', (reason, runs) => {
    const { proposals, silences } = adviceOn(runs);
    expect([proposals, silences.map((one) => one.reason)]).toEqual([[], [reason]]);
  });

  it('looks at each host and each kind of work by itself, and at no run that failed', () => {
    const common = { start: JULY, watts: 100 };
    const on = (host: string, streams: number, attributes = {}) =>
      madeRun({ ...common, streams, attributes: { 'run.host': host, ...attributes } });
    const { silences } = adviceOn([
      ...[1, 2, 4].map((streams) => on('a', streams, { encoder: 'x264' })),
      ...[1, 2].map((streams) => on('a', streams, { encoder: 'x265' })),
      on('b', 8),
      on('b', 4, { 'run.exit_status': 1 }),
      on('a', 0),
    ]);
    expect(silences.map(({ message }) => message)).toEqual([
      'a x264: it has 4 runs of 4 numbers of streams, and 5 of 3 or more are needed',
      'a x265: it has 3 runs of 3 numbers of streams, and 5 of 3 or more are needed',
      'b: it has 1 run of 1 number of streams, and 5 of 3 or more are needed',
    ]);
  });

  it('draws no curve through power that was found in different ways', () => {
    const modelled = runsOf([1, 2, 4, 8], 3, (streams) => 5 + streams).map((run) =>
      run.with({ attributes: { power: 'modelled' } }),
    );
    const measured = runsOf([0, 1], 2, () => IDLE);
    const { proposals, silences } = adviceOn([...measured, ...modelled]);
    expect(proposals.map(({ title }) => title)).toEqual(['Run 8 streams on a host where there were fewer: modelled']);
    expect(silences.map(({ reason }) => reason)).toEqual(['too_few_runs']);
    // Names that read the same together are still those of two hosts.
    const hosts = [
      ['a b', 'c'],
      ['a', 'b c'],
    ].flatMap(([host = '', encoder = '']) =>
      runsOf([1, 2, 4], 1, (streams) => IDLE + streams).map((run) =>
        run.with({ attributes: { 'run.host': host, encoder } }),
      ),
    );
    expect(adviceOn(hosts).silences.map(({ reason }) => reason)).toEqual(['too_few_runs', 'too_few_runs']);
  });

  it('leaves runs as they are to which other advice has given other work', () => {
    const runs = numbered(runsOf([0, 1, 2, 4, 8], 2, (streams) => IDLE + 5 * streams));
    const [{ apply } = { apply: undefined }] = adviceOn(runs).proposals;
    const other = runs.map((run) => run.with({ attributes: { 'run.preset': 'veryfast' } }));
    expect(apply?.(other)).toEqual(other);
    expect(apply?.(runs)).not.toEqual(runs);
  });

  describe('with noise', () => {
    const designs = [
      { loads: [1, 2, 4, 8], times: 2 },
      { loads: [0, 1, 2, 4], times: 2 },
      { loads: [1, 2, 3, 4, 5, 6], times: 1 },
      { loads: [4, 8, 16], times: 5 },
    ];
    const share = (trials: number, idle: number, deviation: number) => {
      let given = 0;
      for (let trial = 0; trial < trials; trial++) {
        const noise = normalNumbers(trial);
        const { loads, times } = designs[trial % designs.length] as (typeof designs)[number];
        const watts = (streams: number) => Math.max(0, idle + 10 * streams + noise(deviation));
        given += adviceOn(runsOf(loads, times, watts)).proposals.length;
      }
      return given / trials;
    };

    it.each([0.5, 2, 5, 10])('of %s W it is advised in 5 % of cases at most where nothing is saved', (deviation) => {
      expect(share(400, 0, deviation)).toBeLessThanOrEqual(0.05);
    });

    it('it is found where idle power stands out', () => {
      expect(share(80, IDLE, 0.5)).toBeGreaterThan(0.95);
    });
  });
});
