import { describe, expect, it } from 'vitest';
import { MemorySink } from '../../test/kit/memory-sink.ts';
import { RejectedError } from '../errors.ts';
import { type Consumer, makeRun } from '../plugin/index.ts';
import { fanOut } from './fan-out.ts';

const run = makeRun({ scenario: 'a' }, 'test', []);
const { signal } = new AbortController();
const failing = (error: Error) => new MemorySink(() => Promise.reject(error));
const consume = async (consumers: readonly Consumer[]) => fanOut(consumers).consume(run, signal);
const errorOf = (consumers: readonly Consumer[]) =>
  consume(consumers).then(
    () => undefined,
    (error: Error) => error,
  );

describe('fan-out', () => {
  it('hands every consumer the very same batch and signal', async () => {
    const seen: unknown[] = [];
    const note = (...given: unknown[]) => void seen.push(given);
    const sinks = [new MemorySink(note), new MemorySink(note), new MemorySink(note)];
    await fanOut(sinks).consume(run, signal);
    expect(seen).toEqual([
      [run, signal],
      [run, signal],
      [run, signal],
    ]);
    for (const { batches } of sinks) expect(batches[0]).toBe(run);
  });

  it('resolves only when the last has the data', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = new MemorySink(() => gate.promise);
    let resolved = false;
    const consumed = consume([new MemorySink(), slow]);
    const noted = consumed.then(() => {
      resolved = true;
    });
    await new Promise(setImmediate);
    expect(resolved).toBe(false);
    gate.resolve();
    await noted;
    expect(slow.batches).toEqual([run]);
  });

  it('waits for the others after a failure, and says all that went wrong', async () => {
    const gate = Promise.withResolvers<void>();
    const slow = new MemorySink(() => gate.promise);
    const error = errorOf([failing(new Error('one')), slow, failing(new Error('two'))]);
    gate.resolve();
    expect(await error).toMatchObject({ message: 'one; two' });
    expect(slow.batches).toEqual([run]);
  });

  it('is a rejection only where nothing but rejections happened', async () => {
    const rejection = failing(new RejectedError('never'));
    const failure = failing(new Error('later'));
    expect(await errorOf([rejection, rejection])).toBeInstanceOf(RejectedError);
    expect(await errorOf([rejection, new MemorySink()])).toBeInstanceOf(RejectedError);
    const mixed = await errorOf([rejection, failure]);
    expect(mixed).not.toBeInstanceOf(RejectedError);
    expect(mixed).toMatchObject({
      message: 'never; later',
      cause: { errors: [{ message: 'never' }, { message: 'later' }] },
    });
  });

  it('hands over to the others where one throws instead of rejecting', async () => {
    const sink = new MemorySink();
    const throwing: Consumer = {
      consume() {
        throw new Error('at once');
      },
    };
    expect(await errorOf([sink, throwing, failing(new Error('later'))])).toMatchObject({ message: 'at once; later' });
    expect(sink.batches).toEqual([run]);
  });

  it('is the consumer itself where there is one', () => {
    const sink = new MemorySink();
    expect(fanOut([sink])).toBe(sink);
  });
});
