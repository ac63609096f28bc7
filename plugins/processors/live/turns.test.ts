import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('work for one key is done in its order, after failures too; other keys do not wait', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.take(['a'], async () => {
    await gate.promise;
    done.push('first');
    throw new Error('failed');
  });
  const second = turns.take(['a'], async () => {
    done.push('second');
    return 2;
  });
  await turns.take(['b'], async () => void done.push('other'));
  gate.resolve();
  await expect(first).rejects.toThrow('failed');
  expect(await second).toBe(2);
  expect(done).toEqual(['other', 'first', 'second']);
});

it('work for several keys waits for all of them, and holds all of them', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const all = [
    turns.take(['a'], async () => {
      await gate.promise;
      done.push('a');
    }),
    turns.take(['a', 'b'], async () => void done.push('a and b')),
    turns.take(['b'], async () => void done.push('b')),
    turns.take(['c'], async () => void done.push('c')),
  ];
  await all[3];
  expect(done).toEqual(['c']);
  gate.resolve();
  await Promise.all(all);
  expect(done).toEqual(['c', 'a', 'a and b', 'b']);
});
