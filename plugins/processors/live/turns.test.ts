import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('work for one key is done in its order, after failures too; other keys do not wait', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = turns.take('a', async () => {
    await gate.promise;
    done.push('first');
    throw new Error('failed');
  });
  const second = turns.take('a', async () => {
    done.push('second');
    return 2;
  });
  await turns.take('b', async () => void done.push('other'));
  gate.resolve();
  await expect(first).rejects.toThrow('failed');
  expect(await second).toBe(2);
  expect(done).toEqual(['other', 'first', 'second']);
});
