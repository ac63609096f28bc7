import fc from 'fast-check';
import { expect, it } from 'vitest';
import { bucketWidth } from './buckets.ts';

it('is round', () => {
  expect([0, 60, 61, 3600, 86_400, 40 * 86_400].map((span) => bucketWidth(span, 60))).toEqual([
    1,
    1,
    2,
    60,
    1800,
    24 * 3600,
  ]);
});

it('never makes more buckets than asked for, and no fewer than a third where that many seconds are there', () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 3e9 }), (span) => {
      const buckets = span / bucketWidth(span, 60);
      expect(buckets).toBeLessThanOrEqual(60);
      expect(buckets).toBeGreaterThan(15);
    }),
  );
});
