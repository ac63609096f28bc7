import { expect, it } from 'vitest';
import { Run } from '../model/run.ts';
import { soundRuns } from './sound-runs.ts';

it.each([
  ['predicted', { power: 'predicted' }],
  ['predicted', { cpu: 'predicted' }],
  ['extrapolated', { power: 'predicted', 'power.extrapolated': true }],
  ['extrapolated', { power: 'modelled', 'cpu.extrapolated': true }],
  [undefined, { power: 'modelled' }],
  [undefined, {}],
])('a run is left out as `%s` with %j', (reason, attributes) => {
  const raw = Run.of({ scenario: 'a run' });
  const run = { raw, valued: Run.of(attributes), amounts: { energy: { value: 1 } } };
  const { sound, silences } = soundRuns([run]);
  expect([sound, silences.map((one) => one.reason)]).toEqual(reason ? [[], [reason]] : [[run], []]);
});

it('a run without figures is left out, as one that the pipeline has dropped', () => {
  const raw = Run.of({ scenario: 'a run' });
  const { sound, silences } = soundRuns([
    { raw, valued: raw, amounts: {} },
    { raw, valued: undefined, amounts: {} },
  ]);
  expect(sound).toEqual([]);
  expect(silences).toEqual([
    {
      kind: 'all',
      reason: 'no_figures',
      message:
        'no advice rests on 2 runs without cost, energy and emissions: give them power or CPU samples and a region',
    },
  ]);
});
