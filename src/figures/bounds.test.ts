import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bounds } from '../model/predicted.ts';
import { Run } from '../model/run.ts';
import { Series } from '../model/series.ts';
import { cpuUsage, filledPower, hostPower, samplesOf } from '../model/signals.ts';
import { boundOfSignal, boundSignals, mayHaveBounds, sampleLabels, signalOrBoundNamed } from './bounds.ts';
import { measure, sampleKindOf } from './measure.ts';
import { boundOf, knownFigures, withBounds } from './names.ts';

const START: [number, number] = [1_700_000_000, 0];
const predicted = { 'power.predicted_watts': 10, 'power.predicted_watts_lower': 8, 'power.predicted_watts_upper': 13 };

/** A run whose power is 10 W over 60 s. */
function runOf(attributes: object): Run {
  const series = Series.irregular(START, Float64Array.of(0, 60), Float64Array.of(10, 10));
  return Run.of({ scenario: 'a run', ...attributes }, { samples: [samplesOf(hostPower, series)] });
}

const boundsOf = (run: Run, signal = hostPower) => bounds.map((one) => measure(run, boundOfSignal(signal, one)).value);

describe('the bounds of a signal', () => {
  it('are what its end of the interval comes to over the time of the prediction', () => {
    expect(boundsOf(runOf({ power: 'predicted', ...predicted }))).toEqual([480, 780]);
    expect(boundsOf(runOf({ power: 'modelled', ...predicted }))).toEqual([480, 780]);
  });

  it('are not there where the power is measured, or nothing is said of an interval', () => {
    expect(boundsOf(runOf(predicted))).toEqual([undefined, undefined]);
    expect(boundsOf(runOf({ power: 'predicted', 'power.predicted_watts': 10 }))).toEqual([undefined, undefined]);
    expect(mayHaveBounds(runOf({}))).toBe(false);
  });

  it('are those of CPU use where that is predicted', () => {
    const series = Series.regular(START, 30, Float64Array.of(2, 2, 2));
    const attributes = { cpu: 'predicted', 'cpu.predicted_cores_lower': 1, 'cpu.predicted_cores_upper': 4 };
    const run = Run.of(attributes, { samples: [samplesOf(cpuUsage, series)] });
    expect(boundsOf(run, cpuUsage)).toEqual([60, 240]);
    expect(sampleKindOf(run, cpuUsage)).toBe('predicted');
    expect(sampleLabels(run, cpuUsage)).toEqual({ cpu: 'predicted' });
  });

  it('are those of the power that is assumed, where that is a predicted one', () => {
    const series = Series.held(START, Float64Array.of(0, 20), Float64Array.of(10, Number.NaN));
    const filled = (fill: string) =>
      Run.of({ ...predicted, 'energy.fill': fill }, { samples: [samplesOf(filledPower, series)] });
    expect(boundsOf(filled('predicted'), filledPower)).toEqual([160, 260]);
    expect(boundsOf(filled('mean'), filledPower)).toEqual([undefined, undefined]);
  });

  it('have the holes of the samples, and hold 0 W too', () => {
    const watts = fc.oneof(fc.constant(0), fc.double({ min: 1e-3, max: 1e6, noNaN: true }));
    const samples = fc.array(fc.option(fc.constant(10), { nil: Number.NaN }), { minLength: 2, maxLength: 20 });
    const property = fc.property(watts, samples, (upper, values) => {
      const series = Series.regular(START, 5, Float64Array.from(values));
      const attributes = { power: 'predicted', 'power.predicted_watts_upper': upper };
      const run = Run.of(attributes, { samples: [samplesOf(hostPower, series)] });
      const [own, bound] = [measure(run, hostPower), measure(run, boundOfSignal(hostPower, 'upper'))];
      expect(bound.value === undefined).toBe(own.value === undefined);
      if (own.value === undefined || bound.value === undefined) return;
      expect(bound.span).toBe(own.span);
      expect(Math.abs(bound.value - upper * own.span)).toBeLessThanOrEqual(1e-12 * upper * own.span);
    });
    fc.assert(property);
  });

  it('are refused where an end is no power', () => {
    const run = runOf({ power: 'predicted', 'power.predicted_watts_lower': -3 });
    const measured = measure(run, boundOfSignal(hostPower, 'lower'));
    expect(measured).toMatchObject({ value: undefined, reason: 'invalid_power_watts_lower' });
  });

  it('are known by their fields, as signals are', () => {
    for (const signal of boundSignals) expect(signalOrBoundNamed(signal.field)).toBe(signal);
    expect(signalOrBoundNamed('power_watts')).toBe(hostPower);
  });
});

describe('the label `extrapolated`', () => {
  const extrapolated = { ...predicted, 'power.extrapolated': true };

  it('is that of runs whose power or CPU use is', () => {
    expect(runOf({ power: 'predicted', ...extrapolated }).labels.extrapolated).toBe('true');
    expect(runOf({ cpu: 'predicted', 'cpu.extrapolated': true }).labels.extrapolated).toBe('true');
    expect(runOf({ power: 'predicted', ...predicted }).labels).not.toHaveProperty('extrapolated');
  });

  it('is not that of measured power, of which a prediction is known beside', () => {
    expect(runOf(extrapolated).labels).not.toHaveProperty('extrapolated');
    expect(sampleLabels(runOf({ ...extrapolated, 'energy.fill': 'predicted' }), filledPower)).toEqual({
      fill: 'predicted',
      extrapolated: 'true',
    });
  });
});

describe('the bounds of figures', () => {
  it('have the unit of their figure, and their own name', () => {
    const lower = boundOf(knownFigures.energyCost, 'lower');
    expect(lower).toMatchObject({ name: 'cost_energy_load_aware_lower', unit: '{USD}', scope: 'wattline/cost' });
    expect(boundOf(knownFigures.coverage, 'lower')).toBeUndefined();
  });

  it('stand after their figure', () => {
    const { emissions, coverage } = knownFigures;
    const names = withBounds([emissions, coverage]).map(({ name }) => name);
    const wanted = ['co2_emissions_kg', 'co2_emissions_kg_lower', 'co2_emissions_kg_upper', 'coverage_ratio'];
    expect(names).toEqual(wanted);
  });
});
