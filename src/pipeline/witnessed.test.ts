import { expect, it } from 'vitest';
import { makeRun } from '../plugin/index.ts';
import { witnessed } from './witnessed.ts';

const run = makeRun({ scenario: 'a' }, 'test', []);
const { signal } = new AbortController();
const other = new Error('told otherwise');

function watched(consume: () => Promise<void> | undefined) {
  const seen: unknown[] = [];
  const consumer = witnessed(
    { consume },
    {
      taken: (batch) => void seen.push(['taken', batch]),
      failed(error, batch) {
        seen.push([(error as Error).message, batch]);
        return other;
      },
    },
  );
  return { seen, consume: () => consumer.consume(run, signal) };
}

it('sees at once what is done at once, and makes no promise of it', () => {
  const taking = watched(() => undefined);
  expect(taking.consume()).toBeUndefined();
  expect(taking.seen).toEqual([['taken', run]]);
  const failing = watched(() => {
    throw new Error('away');
  });
  expect(failing.consume).toThrow(other);
  expect(failing.seen).toEqual([['away', run]]);
});

it('sees the end of what takes time', async () => {
  const gate = Promise.withResolvers<void>();
  const taking = watched(() => gate.promise);
  const consumed = taking.consume();
  expect(taking.seen).toEqual([]);
  gate.resolve();
  await consumed;
  expect(taking.seen).toEqual([['taken', run]]);
  const failing = watched(() => Promise.reject(new Error('away')));
  await expect(failing.consume()).rejects.toBe(other);
  expect(failing.seen).toEqual([['away', run]]);
});
