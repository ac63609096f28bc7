import { describe, expect, it } from 'vitest';
import { WattlineError } from '../errors.ts';
import type { Run } from '../model/run.ts';
import { parseRun } from '../results/index.ts';
import type { ModelOptions } from './model.ts';
import { predict } from './model.ts';
import { formatModelFile, parseModelFile } from './model-file.ts';
import { type TrainedModel, trainTarget } from './train.ts';
import type { Lesson } from './training-runs.ts';

const options: ModelOptions = { model: 'auto', leastDifferent: 3, level: 0.9, outside: 'widen', most: 400 };
const lesson: Lesson = { feature: 'streams', groupBy: ['encoder'], kinds: ['measured', 'modelled'] };

function runOf(encoder: string, streams: number, watts: number, more: object = {}): Run {
  const samples = { step_seconds: 5, power_watts: [watts, watts], cpu_usage_cores: [streams / 2, streams / 2] };
  const fields = { name: `${encoder} ${streams}`, start_time: 1_700_000_000 + streams, duration: 5, ...samples };
  return parseRun({ ...fields, encoder_type: encoder, streams, ...more }, {}).run as Run;
}

const runs = [
  ...[0, 1, 2, 4, 6, 8].map((streams) => runOf('x264', streams, 20 + 6 * streams)),
  ...[0, 2, 3, 5].map((streams) => runOf('x265', streams, 30 + 9 * streams, { power: 'modelled' })),
  runOf('av1', 2, 50),
];
const { trained, candidates } = trainTarget(runs, 'power', lesson, options);
const model: TrainedModel = {
  feature: 'streams',
  groupBy: ['encoder'],
  targets: { ...(trained && { power: trained }) },
  files: 1,
  trainedAt: '2026-11-30T21:00:00.000Z',
  wattlineVersion: '1.2.3',
};
const text = formatModelFile(model);

describe('training', () => {
  it('tries each kind of curve on the runs and the groups that were left out, and says what it learnt from', () => {
    expect(trained?.kinds).toEqual({ measured: 7, modelled: 4 });
    expect(candidates.map(({ kind }) => kind)).toEqual(['linear', 'power', 'monotone']);
    const [linear] = candidates;
    expect(linear?.byRun?.meanAbsoluteError).toBeLessThan(5);
    expect(linear?.byGroup?.predicted).toBe(11);
    expect(linear?.byGroup?.extrapolated).toBe(11);
  });

  it('counts a run once, and what says too little by why', () => {
    const nameless = parseRun({ name: 'a', duration: 5, step_seconds: 5, power_watts: [1, 1] }, {}).run as Run;
    const predicted = runOf('x264', 3, 5, { power: 'predicted' });
    const again = trainTarget([...runs, ...runs, nameless, predicted], 'power', lesson, options);
    expect(again.runs).toBe(11);
    expect(again.without).toEqual({ 'no streams': 1, 'predicted power': 1 });
  });
});

describe('a model file', () => {
  it('is read as it was written', () => {
    const read = parseModelFile(text, 'model.json');
    expect(formatModelFile(read)).toBe(text);
    for (const group of ['encoder=x264', 'encoder=av1', 'encoder=new']) {
      const [one, other] = [read, model].map(({ targets }) => predict(targets.power?.model ?? never(), group, 7));
      expect(one).toEqual(other);
      expect(one?.value).toBeGreaterThan(0);
    }
  });

  const changed = (change: (file: Record<string, never>) => void) => {
    const file = JSON.parse(text);
    change(file);
    return JSON.stringify(file);
  };
  it.each<[string, string, RegExp]>([
    ['is no JSON', text.slice(0, 100), /JSON/],
    [
      'is of another version',
      text.replace('"schema_version": 1', '"schema_version": 2'),
      /`schema_version` is 2.*reads 1/,
    ],
    ['has no version', '{}', /is missing/],
    ['is a list', '[]', /is missing/],
    ['is nothing', 'null', /is missing/],
    ['has an unknown feature', text.replace('"feature": "streams"', '"feature": "shoe_size"'), /feature: /],
    ['has another unit', text.replace('"feature_unit": "{stream}"', '"feature_unit": "W"'), /expected the unit/],
    ['has a target in another unit', text.replace('"unit": "W"', '"unit": "kW"'), /targets\.power\.unit/],
    ['has a number that is none', text.replace(/"r2": [\d.]+/, '"r2": null'), /r2: expected number/],
    ['has a number too large', text.replace(/"level": 0\.9/, '"level": 9'), /options\.level/],
    ['has fewer values than knots', changed((file) => dropValue(file)), /as many ys/],
    [
      'has misses in disorder',
      changed((file) => groupIn(file)?.leftOut.misses.unshift({ curve: 0, error: 1e9 })),
      /misses whose size rises/,
    ],
    ['has a power law without an end', changed((file) => bend(file)), /curve\.to: /],
    ['misses a key', text.replace('"trained_at"', '"trained"'), /trained_at/],
  ])('that %s is refused', (_, damaged, why) => {
    expect(damaged).not.toBe(text);
    const read = () => parseModelFile(damaged, 'model.json');
    expect(read).toThrow(WattlineError);
    expect(read).toThrow(why);
    expect(read).toThrow(/^model\.json is no model .*make one with `wattline train`/);
  });
});

interface GroupInFile {
  curve: { ys?: number[] };
  readonly leftOut: { readonly misses: unknown[] };
}

function dropValue(file: Record<string, never>): void {
  groupIn(file)?.curve.ys?.pop();
}

function bend(file: Record<string, never>): void {
  const group = groupIn(file);
  if (group) group.curve = { kind: 'power', offset: 1, scale: 1, exponent: 0.5 } as GroupInFile['curve'];
}

function groupIn(file: Record<string, never>): GroupInFile | undefined {
  const { targets } = file as unknown as { targets: { power: { groups: Record<string, GroupInFile> } } };
  return targets.power.groups['encoder=x264'];
}

function never(): never {
  throw new Error('there is no model');
}
