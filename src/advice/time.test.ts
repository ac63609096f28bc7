import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { advised, JULY, madeRun, packagedPipeline } from '../../test/kit/advice.ts';
import type { ValuedRun, ValueRuns } from './advice.ts';
import { adviseOnTime } from './time.ts';

const HOUR = 3600;
const reasonsOf = (silences: readonly { readonly reason: string }[]) => silences.map(({ reason }) => reason);
/** Intensities that hold for an hour each from July on; the hour before and those after are not known. */
function byHour(kgPerKwh: readonly number[]): string {
  const bands = kgPerKwh.map((rate, hour) => {
    const [from, to] = [hour, hour + 1].map((one) => `${String(one).padStart(2, '0')}:00`);
    return `{from: "${from}", to: "${to}", rate: ${rate}}`;
  });
  return `processors.co2.intensity=[{time_zone: UTC, tariff: {bands: [${bands.join(', ')}]}}]`;
}
const onlyOf = (
  value: ValueRuns,
  runs = [madeRun({ start: JULY, duration: HOUR, watts: 1000 })],
  deadline = 6 * HOUR,
) => advised(adviseOnTime, runs, value, { deadline });

describe('hours', () => {
  it('are those of the least emissions in which a run still ends in time, as trying all of them finds', async () => {
    const rates = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 7, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(rates, fc.integer({ min: 2, max: 6 }), async (tenths, hours) => {
        const kgPerKwh = tenths.map((one) => one / 10);
        const { advice } = await onlyOf(await packagedPipeline(byHour(kgPerKwh)), undefined, hours * HOUR);
        // A linear function of the start is least where an hour begins.
        const least = Math.min(...kgPerKwh.slice(0, hours));
        const saved = (kgPerKwh[0] as number) - least;
        if (saved === 0) expect(advice).toEqual([]);
        else expect(advice[0]?.saves.co2?.value).toBeCloseTo(saved, 12);
      }),
      { numRuns: 8 },
    );
  });

  it('say which signal they go by, and what shifting by averages can do', async () => {
    const { advice } = await onlyOf(await packagedPipeline(byHour([0.9, 0.5, 0.1])));
    expect(advice.map(({ id, title }) => [id, title])).toEqual([
      ['time-emissions-6h', 'Begin these runs later, at the hours of least emissions within 6 h of their start'],
    ]);
    expect(advice[0]?.assumes).toContain(
      'the intensities are averages of the grid: the plant that runs for a shifted load may be a dirtier one, so that shifting by averages can raise what the grid emits',
    );
  });

  it('may be of price and of emissions, of which a run is moved once', async () => {
    const price =
      'processors.cost.price=[{time_zone: UTC, tariff: {default: 0.3, bands: [{from: "02:00", to: "03:00", rate: 0.1}]}}]';
    const value = await packagedPipeline(byHour([0.9, 0.1, 0.5]), price);
    const { advice, silences } = await onlyOf(value, [madeRun({ start: JULY, duration: HOUR, watts: 1000, cores: 1 })]);
    expect(advice.map(({ id, saves }) => [id, saves.usd?.value, saves.co2?.value])).toEqual([
      ['time-cost-6h', expect.closeTo(0.2, 12), expect.closeTo(0.4, 12)],
    ]);
    expect(reasonsOf(silences)).toEqual(['nothing_left']);
  });

  it('are not told where nobody says the deadline, the run takes all of it, or nothing changes over time', async () => {
    const value = await packagedPipeline(byHour([0.9, 0.1]));
    const run = madeRun({ start: JULY, duration: HOUR, watts: 1000 });
    expect(reasonsOf((await advised(adviseOnTime, [run], value)).silences)).toEqual(['no_deadline']);
    expect(reasonsOf((await onlyOf(value, [run], HOUR)).silences)).toEqual(['no_slack']);
    const constant = await onlyOf(await packagedPipeline(), [run]);
    expect([constant.advice, reasonsOf(constant.silences)]).toEqual([[], ['no_better_window', 'no_better_window']]);
  });

  it('are not those that a stand-in is known of only, nor of another signal', async () => {
    const run = madeRun({ start: JULY, duration: HOUR, watts: 1000 });
    const value = await packagedPipeline(byHour([0.9, 0.1]));
    const marginal: ValueRuns = async (runs) =>
      (await value(runs)).map((one): ValuedRun => (one.raw.startTime === JULY ? one : { ...one, signal: 'marginal' }));
    expect((await onlyOf(marginal, [run])).advice).toEqual([]);
    const standIn: ValueRuns = async (runs) =>
      (await value(runs)).map((one): ValuedRun => {
        const [figure] = one.valued?.figures.filter(({ definition }) => definition.name === 'co2_emissions_kg') ?? [];
        if (one.raw.startTime === JULY || !figure) return one;
        return { ...one, valued: one.raw.with({ figures: [{ ...figure, labels: { state: 'fallback' } }] }) };
      });
    expect((await onlyOf(standIn, [run])).advice).toEqual([]);
  });
});
