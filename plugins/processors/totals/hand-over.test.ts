import { expect, it } from 'vitest';
import { HandOver } from './hand-over.ts';

const { signal } = new AbortController();

it('runs for all who have asked since it last began, one at a time', async () => {
  const begun: PromiseWithResolvers<void>[] = [];
  const handOver = new HandOver(() => {
    const run = Promise.withResolvers<void>();
    begun.push(run);
    return run.promise;
  });
  const settled: string[] = [];
  const ask = (name: string) =>
    handOver.run(signal).then(
      () => settled.push(name),
      (error: Error) => settled.push(`${name}: ${error.message}`),
    );
  const first = ask('first');
  await expect.poll(() => begun.length).toBe(1);
  const [second, third] = [ask('second'), ask('third')];
  await new Promise((resolve) => setImmediate(resolve));
  expect(begun).toHaveLength(1);
  begun[0]?.resolve();
  await first;
  await expect.poll(() => begun.length).toBe(2);
  begun[1]?.reject(new Error('away'));
  await Promise.all([second, third]);
  expect(settled).toEqual(['first', 'second: away', 'third: away']);
  const fourth = ask('fourth');
  await expect.poll(() => begun.length).toBe(3);
  begun[2]?.resolve();
  await fourth;
  expect(settled.at(-1)).toBe('fourth');
});
