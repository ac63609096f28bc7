import { describe, expect, it } from 'vitest';
import { wattsAt } from '../prediction/utilisation-curve.ts';
import { curveFor, givenCurve, identifyCpu } from './utilisation-curve.ts';

const cpuinfo = (vendor: string, family: number, model: number, stepping: number) =>
  `processor\t: 0\nvendor_id\t: ${vendor}\ncpu family\t: ${family}\nmodel\t\t: ${model}\nmodel name\t: A CPU: 1 @ 2 GHz\nstepping\t: ${stepping}\n\n`;

describe('curveFor', () => {
  it.each([
    ['GenuineIntel', 6, 85, 7, 0.69, 4.063, 'Cascade Lake'],
    ['GenuineIntel', 6, 106, 6, 0.767, 3.758, 'Ice Lake'],
    ['GenuineIntel', 6, 143, 8, 1.036, 4.16, 'Sapphire Rapids'],
    ['AuthenticAMD', 23, 49, 0, 0.474, 1.693, '2nd'],
    ['AuthenticAMD', 25, 1, 1, 0.456, 1.957, '3rd'],
    ['AuthenticAMD', 25, 17, 1, 0.739, 2.282, '4th'],
    ['AuthenticAMD', 26, 2, 1, 0.6937, 2.9855, 'the mean of its 6'],
    ['GenuineIntel', 6, 85, 4, 0.6937, 2.9855, 'the mean of its 6'],
  ])('knows %s family %d model %d stepping %d', (vendor, family, model, stepping, idle, max, basis) => {
    const curve = curveFor(identifyCpu(cpuinfo(vendor, family, model, stepping)), 4);
    expect(curve.idle_watts / 4).toBeCloseTo(idle, 3);
    expect(curve.max_watts / 4).toBeCloseTo(max, 3);
    expect(curve.basis).toContain('Cloud Carbon Footprint');
    expect(curve.basis).toContain(basis);
  });

  it('takes the mean where /proc/cpuinfo does not say, as on ARM', () => {
    expect(identifyCpu('processor\t: 0\nBogoMIPS\t: 50.00\nCPU implementer\t: 0x41\n')).toBeUndefined();
    expect(curveFor(undefined, 1)).toMatchObject({ idle_watts: 0.6937, max_watts: 2.9855, logical_cpus: 1 });
  });
});

describe('wattsAt', () => {
  it('is a line from idle to all CPUs busy, and no more beyond', () => {
    const curve = givenCurve(10, 50, 4);
    expect([0, 1, 2, 4, 4.1].map((cores) => wattsAt(curve, cores))).toEqual([10, 20, 30, 50, 50]);
  });
});
