import { expect, it } from 'vitest';
import type { Proposal } from './advice.ts';
import { idPart, withOwnIds } from './own-ids.ts';

const proposal = (name: string): Proposal => {
  const id = `packing-${idPart(name)}`;
  return { kind: 'packing', id, title: name, assumes: [], check: '', apply: (runs) => runs };
};

it('gives names that look alike in an id ids of their own, which depend on no other name', () => {
  const all = ['lib x264', 'x265', 'lib-x264', '東京', '大阪'].map(proposal);
  const ids = withOwnIds(all).map(({ id }) => id);
  expect(new Set(ids).size).toBe(5);
  expect(ids[1]).toBe('packing-x265');
  const [first] = ids;
  expect(withOwnIds(all.toReversed()).at(-1)?.id).toBe(first);
  expect(new Set(withOwnIds([proposal('a'), proposal('a')]).map(({ id }) => id)).size).toBe(2);
});
