import { expect, it } from 'vitest';
import { allTaken, type Outcome } from 'wattline/plugin';
import { HandOver } from './hand-over.ts';

const { signal } = new AbortController();

it('runs once for all calls since its last run began, one run at a time', async () => {
  const begun: PromiseWithResolvers<Outcome>[] = [];
  const handOver = new HandOver(() => {
    const run = Promise.withResolvers<Outcome>();
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
  begun[0]?.resolve(allTaken);
  await first;
  await expect.poll(() => begun.length).toBe(2);
  begun[1]?.reject(new Error('away'));
  await Promise.all([second, third]);
  expect(settled).toEqual(['first', 'second: away', 'third: away']);
  const fourth = ask('fourth');
  await expect.poll(() => begun.length).toBe(3);
  begun[2]?.resolve(allTaken);
  await fourth;
  expect(settled.at(-1)).toBe('fourth');
});
