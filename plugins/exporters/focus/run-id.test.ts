import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FiguredRun, figuredRun } from '../../../test/kit/figured-run.ts';
import { chargePeriodOf } from './charge-period.ts';
import { runIdOf } from './run-id.ts';

const run = { scenario: 'a', encoder: 'x264', bitrate: '5k', start: 1_766_947_958, end: 1_766_948_000 };
const sampled = { power: [50, 60], cpu: [2, 3] };
const withoutStart = { scenario: 'a', end: run.end };

function idOf(figured: FiguredRun, attributes: Attributes = {}): string {
  const given = figuredRun({ ...figured, attributes: { ...figured.attributes, ...attributes } });
  const period = chargePeriodOf(given);
  if (!period) throw new Error('the run has no time');
  return runIdOf(given, period);
}

describe('the id of a run', () => {
  it('is the same whatever processors make of the run', () => {
    const made = {
      'factor.price.value': 0.2,
      'factor.intensity.id': 'intensity/x',
      'energy.pue': 1.2,
      'power.predicted_watts': 70,
      power: 'predicted',
      'run.sampling': 'interval',
      'run.sampling.power_watts': 'instant',
      'run.refused_fields': ['x'],
      'run.restated': 2,
      'run.id': 'a/1766947958/x264/5k',
    };
    expect(idOf(run, made)).toBe(idOf(run));
    expect(idOf({ ...run, energyUsd: 1, co2Kg: 2 })).toBe(idOf(run));
    expect(idOf({ ...run, ...sampled })).toBe(idOf(run));
  });

  it.each<[string, FiguredRun]>([
    ['scenario', { ...run, scenario: 'b' }],
    ['region', { ...run, region: 'eu-west-1' }],
    ['encoder', { ...run, encoder: 'x265' }],
    ['bitrate', { ...run, bitrate: '6k' }],
    ['start', { ...run, start: run.start + 1 }],
    ['end', { ...run, end: run.end + 1 }],
    ['count of frames', { ...run, attributes: { 'run.total_frames': 3 } }],
    ['id of its own', { ...run, attributes: { 'run.id': 'a/1766947958/x264/5k/2' } }],
    ['host', { ...run, attributes: { 'host.id': 'h1' } }],
  ])('is another with another %s', (_, other) => {
    expect(idOf(other)).not.toBe(idOf(run));
  });

  it('distinguishes runs that state no start by their samples, unless their power was predicted', () => {
    const first = { ...withoutStart, ...sampled };
    const second = { ...first, power: [50, 61] };
    expect(idOf(second)).not.toBe(idOf(first));
    expect(idOf({ ...first, cpu: [2, 4] })).not.toBe(idOf(first));
    const modelled = { power: 'modelled' };
    expect(idOf(second, modelled)).not.toBe(idOf(first, modelled));
    expect(idOf(first, modelled)).toBe(idOf(first));
    const predicted = { power: 'predicted' };
    expect(idOf(second, predicted)).toBe(idOf(first, predicted));
  });

  it('does not depend on the order of attributes', () => {
    const attributes = fc.dictionary(
      fc.constantFrom('run.a', 'run.b', 'run.c', 'host.id', 'service.name'),
      fc.string(),
    );
    fc.assert(
      fc.property(attributes, (said) => {
        const reversed = Object.fromEntries(Object.entries(said).reverse());
        expect(idOf({ ...run, attributes: said })).toBe(idOf({ ...run, attributes: reversed }));
      }),
    );
  });
});
