import { afterEach, expect, it } from 'vitest';
import { hostPower } from 'wattline/plugin';
import { fitModel, formatModelFile, type TrainedModel } from 'wattline/prediction';
import { measuredRun as measured, runOf } from '../../../test/kit/runs-with-power.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { testedPredictor as predictor } from '../../../test/kit/tested-predictor.ts';

let folder: TemporaryFolder | undefined;
afterEach(() => folder?.remove());

/** A model of 10 W a stream, from 1 to 4 streams. */
const trained = (more: Partial<TrainedModel> = {}): string => {
  const runs = [1, 2, 3, 4].map((x) => ({ id: `${x}`, group: '', x, y: 10 * x }));
  const model = fitModel(runs, { model: 'auto', leastDifferent: 3, level: 0.9, outside: 'widen' });
  return formatModelFile({
    feature: 'streams',
    groupBy: [],
    targets: { power: { model, kinds: { measured: 4 }, score: undefined } },
    files: 1,
    trainedAt: '2026-11-30T21:00:00.000Z',
    wattlineVersion: '1.0.0',
    ...more,
  });
};

async function started(text: string, more: object = {}) {
  folder = await temporaryFolder({ 'model.json': text });
  const tested = predictor({ model: './model.json' }, folder.path, more);
  const start = () => tested.stage.start?.(new AbortController().signal);
  return { ...tested, start };
}

it('predicts by the model of a file until there are enough runs of its own', async () => {
  const { start, consume, lines } = await started(trained(), { outside_range: 'refuse' });
  await start();
  const watts = async () => (await consume(runOf('3 streams', []))).at(-1)?.samplesOf(hostPower)?.series.values[0];
  expect(await watts()).toBeCloseTo(30, 9);
  await consume(measured(2), measured(3));
  expect(await watts()).toBeCloseTo(30, 9);
  await consume(measured(4));
  expect(await watts()).toBeCloseTo(100, 9);
  expect(lines.map(({ note }) => /through \d (.+) \(R²/.exec(note ?? '')?.[1])).toEqual([
    'runs of the model file',
    'runs of the model file',
    'measured runs',
  ]);
});

it('holds predictions of a file to its own settings', async () => {
  const { start, consume, skips } = await started(trained(), { outside_range: 'refuse' });
  await start();
  await consume(runOf('8 streams', []));
  expect(skips.map(({ reason }) => reason)).toEqual(['extrapolated']);
});

it.each([
  ['is no model', '{}', 'no model that can be used'],
  ['is of another feature', trained({ feature: 'cpu_cores' }), 'was trained for cpu_cores, not for streams'],
  ['is of other groups', trained({ groupBy: ['encoder'] }), 'was trained for streams by encoder, not for streams'],
])('does not start with a file that %s', async (_, text, why) => {
  const { start } = await started(text);
  await expect(start()).rejects.toThrow(why);
});

it('does not start without the file', async () => {
  const { stage } = predictor({ model: './missing.json' });
  await expect(stage.start?.(new AbortController().signal)).rejects.toThrow(/missing\.json cannot be read/);
});
