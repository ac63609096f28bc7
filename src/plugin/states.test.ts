import { describe, expect, it } from 'vitest';
import { memoryStates, sharedStates } from './states.ts';

describe('a state', () => {
  it('is shared by roles, each of which only one may have', async () => {
    const states = memoryStates();
    const first = await states.openState('a', 'reader');
    const second = await states.openState('a', 'writer');
    await second.update((get) => [
      ['x', `${get('x')}!`],
      ['y', '2'],
    ]);
    expect(first.entries('')).toEqual([
      ['x', 'undefined!'],
      ['y', '2'],
    ]);
    await expect(states.openState('a', 'writer')).rejects.toThrow(
      'the state `a` is in use by another `writer`; give each an id and a `state` of its own',
    );
    expect((await states.openState('b', 'writer')).get('x')).toBeUndefined();
    await second.close();
    await second.close();
    await first.update(() => [['y', undefined]]);
    expect((await states.openState('a', 'writer')).entries('')).toEqual([['x', 'undefined!']]);
  });

  it('is opened for the first who wants it, and closed after the last', async () => {
    const calls: string[] = [];
    const [memory] = [memoryStates()];
    const kept = await memory.openState('kept', 'test');
    const states = sharedStates((name) => {
      calls.push(`open ${name}`);
      return {
        ...kept,
        async close() {
          calls.push(`close ${name}`);
        },
      };
    });
    const first = await states.openState('a', 'one');
    const second = await states.openState('a', 'two');
    await first.close();
    await first.close();
    expect(calls).toEqual(['open a']);
    await second.close();
    await states.openState('a', 'one');
    expect(calls).toEqual(['open a', 'close a', 'open a']);
  });
});
