import fc from 'fast-check';
import { expect, it } from 'vitest';
import { operationalEmissions } from './emissions.ts';

it('is 4.5 kg for 10 kWh at the 0.45 kg/kWh of us-east-1', () => {
  expect(operationalEmissions(10 * 3.6e6, 0.45)).toBe(4.5);
});

it('grows with the energy and with the intensity, and is 0 for nothing', () => {
  const amount = fc.double({ min: 1e-6, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(amount, amount, fc.integer({ min: -20, max: 20 }), (joules, intensity, exponent) => {
      const factor = 2 ** exponent;
      const once = operationalEmissions(joules, intensity);
      expect(operationalEmissions(joules * factor, intensity)).toBe(once * factor);
      expect(operationalEmissions(joules, intensity * factor)).toBe(once * factor);
      expect(operationalEmissions(0, intensity)).toBe(0);
    }),
  );
});
