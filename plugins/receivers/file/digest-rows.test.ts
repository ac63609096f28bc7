import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ageOf, DigestRows, digestsOf, type Row } from './digest-rows.ts';

const DAY = 86_400_000;
const digest = (i: number) => i.toString(16).padStart(16, '0');
const digests = (from: number, count: number) => Array.from({ length: count }, (_, i) => digest(from + i));

it('keeps each digest once, whatever lists they come in, some of which cannot be written', () => {
  const lists = fc.array(fc.tuple(fc.integer({ min: 1, max: 700 }), fc.boolean(), fc.nat({ max: 2 })), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(lists, (given) => {
      const state = new Map<string, string>();
      const rows = new DigestRows('run/');
      let next = 0;
      let day = 20_000;
      for (const [count, isWritten, days] of given) {
        day += days;
        const added = rows.add(digests(next, count), day * DAY);
        if (!isWritten) continue;
        for (const [key, text] of added.rows) state.set(key, text);
        added.isWritten();
        next += count;
      }
      expect([...state].flatMap(digestsOf).sort()).toEqual(digests(0, next));
      const pieces = [...state].map(digestsOf);
      expect(Math.max(0, ...pieces.map(({ length }) => length))).toBeLessThanOrEqual(256);
    }),
  );
});

it('writes one row again for a list, however many there are', () => {
  const rows = new DigestRows('run/');
  const written = (count: number): Row[] => {
    const { rows: added, isWritten } = rows.add(digests(0, count), 0);
    isWritten();
    return [...added];
  };
  written(10_000);
  expect(written(1)).toHaveLength(1);
  expect(written(255).map(([, text]) => text.length / 16)).toEqual([256, 16]);
});

it('goes on behind the rows that are there, and knows how old they are', () => {
  const [row] = new DigestRows('run/').add(digests(0, 1), 20_000 * DAY).rows;
  const rows = new DigestRows('run/');
  rows.skip(row?.[0] ?? '');
  const [next] = rows.add(digests(0, 1), 20_000 * DAY).rows;
  expect(next?.[0]).not.toBe(row?.[0]);
  expect(ageOf(next as Row, 20_031.5 * DAY)).toBe(31);
});
