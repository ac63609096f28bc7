import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { createTestContext, figures } from '../../test/kit/context.ts';
import { temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { regionSettings } from '../factors/region.ts';
import { factorSettings } from '../factors/settings.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { hostPower, samplesOf } from '../model/signals.ts';
import type { Processor } from '../plugin/contract.ts';
import { z } from '../plugin/index.ts';
import { energyFactors } from './energy-factors.ts';
import { JOULES_PER_KWH } from './integrate.ts';
import { knownFigures } from './names.ts';
import { restatementSetting } from './restatement-settings.ts';
import { valueRuns } from './value-runs.ts';

const HOUR = 3600;
/** The whole hour before the last one. */
const START = Math.floor(Date.now() / 1000 / HOUR) * HOUR - 2 * HOUR;
const { signal } = new AbortController();
const { energyCost, energy } = knownFigures;

const started: Processor[] = [];
afterEach(async () => {
  for (const stage of started.splice(0)) await stage.shutdown?.(signal);
});

/** An hour of 1 kW by the prices of a file, and by a constant price where that knows none. */
async function valuedBy(text: string, usdPerKwh?: number) {
  const folder = await temporaryFolder({ 'prices.csv': text });
  onTestFinished(() => folder.remove());
  const { ctx: explaining, runs } = createTestContext({ directory: folder.path });
  const ctx = { ...explaining, explain: undefined };
  const regions = z.strictObject(regionSettings).parse({});
  const entries = factorSettings('price').parse([{ file: 'prices.csv' }]);
  const constant = usdPerKwh === undefined ? undefined : { key: 'usd_per_kwh', value: usdPerKwh, unit: 'USD/kWh' };
  const options = { quantity: 'price', constant, entries, regions, longest: 1e9, noteRegional() {} } as const;
  const { lookUp, revisions, start } = energyFactors(options, ctx);
  const ofEnergy = { quantity: 'price', figure: energyCost, integral: energy, divisor: JOULES_PER_KWH } as const;
  const valuations = [{ ...ofEnergy, lookUp, signal: hostPower, atMeter: true, longest: 1e9, note() {} }];
  const often = revisions.map((one) => ({ ...one, pace: 5 }));
  const restatement = restatementSetting().parse({});
  const stage = valueRuns(ctx, { valuations, revisions: often, start, restatement });
  started.push(stage);
  await stage.start?.(signal);
  const power = Series.regular([START, 0], HOUR, Float64Array.of(1000, 1000));
  await stage.consume(
    [Run.of({ scenario: 'a', region: 'us-east-1' }, { samples: [samplesOf(hostPower, power)] })],
    signal,
  );
  return { costs: () => runs.map((run) => figures(run)[energyCost.name]), write: folder.write };
}

const before = `from,to,usd_per_kwh\n${START - HOUR},${START},0.25\n`;
const grown = `${before}${START},${START + HOUR},0.5\n`;

it('a run of a time that a file does not know yet is valued once the file has it', async () => {
  const { costs, write } = await valuedBy(before);
  expect(costs()).toEqual([undefined]);
  await write({ 'prices.csv': grown });
  await vi.waitUntil(() => costs().length === 2);
  expect(costs()).toEqual([undefined, 0.5]);
});

it('a constant price gives way to that of the file, once there is one', async () => {
  const { costs, write } = await valuedBy(before, 1);
  expect(costs()).toEqual([1]);
  await write({ 'prices.csv': grown });
  await vi.waitUntil(() => costs().length === 2);
  expect(costs()).toEqual([1, 0.5]);
});
