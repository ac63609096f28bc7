import fc from 'fast-check';
import { expect, it } from 'vitest';
import { refusalLimit } from './limits.ts';

const MIB = 1024 * 1024;
const none = { limit_mib: 0, spike_limit_mib: 0, limit_percentage: 0, spike_limit_percentage: 0 };

it.each([
  ['MiB', { limit_mib: 400, spike_limit_mib: 100 }, 300],
  ['MiB, with a fifth for spikes', { limit_mib: 400 }, 320],
  ['per cent', { limit_percentage: 50, spike_limit_percentage: 30 }, 200],
  ['per cent, with a fifth for spikes', { limit_percentage: 50 }, 400],
  ['MiB before per cent', { limit_mib: 400, limit_percentage: 50, spike_limit_percentage: 30 }, 320],
])('limits are in %s', (_, settings, limit) => {
  expect(refusalLimit({ ...none, ...settings }, 1000 * MIB)).toBe(limit * MIB);
});

it('data begin to be refused above nothing and below the limit', () => {
  const part = fc.integer({ min: 0, max: 100 });
  fc.assert(
    fc.property(part, part, fc.integer({ min: 2 ** 20, max: 2 ** 40 }), (limit, spike, total) => {
      fc.pre(spike < limit);
      const refusal = refusalLimit({ ...none, limit_percentage: limit, spike_limit_percentage: spike }, total);
      expect(refusal).toBeGreaterThan(0);
      expect(refusal).toBeLessThanOrEqual((limit / 100) * total);
    }),
  );
});

it.each([
  [{ limit_mib: 100, spike_limit_mib: 100 }, '`spike_limit_mib` leaves nothing of `limit_mib`; make it smaller'],
  [{ limit_percentage: 10, spike_limit_percentage: 20 }, '`spike_limit_percentage` leaves nothing'],
])('a spike that takes all is refused', (settings, message) => {
  expect(() => refusalLimit({ ...none, ...settings }, 1000)).toThrow(message);
});
