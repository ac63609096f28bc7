import fc from 'fast-check';
import { expect, it } from 'vitest';
import { limitsOf } from './limits.ts';

const MIB = 1024 * 1024;
const none = { limit_mib: 0, spike_limit_mib: 0, limit_percentage: 0, spike_limit_percentage: 0 };

it.each([
  ['MiB', { limit_mib: 400, spike_limit_mib: 100 }, 400, 300],
  ['MiB, with a fifth for spikes', { limit_mib: 400 }, 400, 320],
  ['per cent', { limit_percentage: 50, spike_limit_percentage: 30 }, 500, 200],
  ['per cent, with a fifth for spikes', { limit_percentage: 50 }, 500, 400],
  ['MiB before per cent', { limit_mib: 400, limit_percentage: 50, spike_limit_percentage: 30 }, 400, 320],
])('limits are in %s', (_, settings, hard, soft) => {
  expect(limitsOf({ ...none, ...settings }, 1000 * MIB)).toEqual({ hard: hard * MIB, soft: soft * MIB });
});

it('the soft limit is above nothing and below the hard one', () => {
  const part = fc.double({ min: 0, max: 100, noNaN: true });
  fc.assert(
    fc.property(part, part, fc.integer({ min: 1, max: 2 ** 40 }), (limit, spike, total) => {
      fc.pre(limit > 1e-6 && spike < limit);
      const { hard, soft } = limitsOf({ ...none, limit_percentage: limit, spike_limit_percentage: spike }, total);
      expect(soft).toBeGreaterThan(0);
      expect(soft).toBeLessThanOrEqual(hard);
    }),
  );
});

it.each([
  [{ limit_mib: 100, spike_limit_mib: 100 }, '`spike_limit_mib` leaves nothing of `limit_mib`; make it smaller'],
  [{ limit_percentage: 10, spike_limit_percentage: 20 }, '`spike_limit_percentage` leaves nothing'],
])('a spike that takes all is refused', (settings, message) => {
  expect(() => limitsOf({ ...none, ...settings }, 1000)).toThrow(message);
});
