import { describe, expect, it } from 'vitest';
import { ResultParts } from './parts.ts';

/** The runs that a value comes to, and what is said of it. */
function read(text: string) {
  const [runs, broken]: [unknown[], string[]] = [[], []];
  const parts = new ResultParts({
    document: () => {},
    run: (value) => runs.push(value),
    broken: (_, message) => broken.push(message),
  });
  parts.value(text, Buffer.from(text));
  return { runs, broken };
}

describe('a broken run', () => {
  it('gives the one that it has swallowed, behind any number of objects', () => {
    const { runs, broken } = read(`{"name":"a","x":[${'{"n":1},'.repeat(500)}{"name":"b"}`);
    expect(runs).toEqual([{ name: 'b' }]);
    expect(broken).toHaveLength(1);
  });

  // Where the rest is read again at each beginning, each of these takes minutes.
  it.each([
    ['strings', `{"name":"${'\\"'.repeat(1_000_000)}\n}`],
    ['objects', `{"name":"a","x":${'[1,{"a":'.repeat(50_000)}!}`],
    ['long objects', `{"name":"a","x":${'[1,{"a":'.repeat(1000)}[${'1,'.repeat(1_000_000)}!}`],
  ])('with any number of beginnings of %s is given up', (_, text) => {
    const { runs, broken } = read(text);
    expect(runs).toEqual([]);
    expect(broken).toHaveLength(1);
  });
});
