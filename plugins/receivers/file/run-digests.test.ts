import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RunDigests } from './run-digests.ts';

// Few different halves, so that many digests share slots and halves.
const half = fc.oneof(
  fc.constantFrom('00000000', 'ffffffff', '80000000', '00000400'),
  fc.nat({ max: 0xffffffff }).map(hex),
);
const digest = fc.tuple(half, half).map((halves) => halves.join(''));

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}

it('holds what a map would hold', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(digest, fc.integer({ min: 1, max: 255 })), { maxLength: 3000 }), (entries) => {
      const digests = new RunDigests();
      const map = new Map(entries);
      for (const [key, value] of entries) digests.set(key, value);
      expect(digests.size).toBe(map.size);
      for (const [key, value] of map) expect(digests.get(key)).toBe(value);
      expect(digests.get('0123456789abcdef')).toBe(map.get('0123456789abcdef') ?? 0);
    }),
    { numRuns: 30 },
  );
});

it('grows beyond what it has room for at first', () => {
  const digests = new RunDigests();
  const keys = Array.from({ length: 20_000 }, (_, i) => hex(i) + hex((i * 0x9e3779b1) >>> 0));
  for (const [i, key] of keys.entries()) digests.set(key, (i % 255) + 1);
  expect(keys.filter((key, i) => digests.get(key) !== (i % 255) + 1)).toEqual([]);
});
