import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { freePort } from '../test/kit/free-port.ts';
import {
  ConfigurationError,
  errorCodes,
  formatProblem,
  isFault,
  messageOf,
  type Problem,
  WattlineError,
} from './errors.ts';

describe('the message of what was thrown', () => {
  const cut = (text: string) => new Error(text, { cause: new Error('cable cut') });

  it.each([
    ['an error', new Error('no'), 'no'],
    ['a text', 'no', 'no'],
    ['nothing', undefined, 'undefined'],
    ['causes', new Error('cannot send', { cause: cut('no answer') }), 'cannot send: no answer: cable cut'],
    ['a cause that is said already', cut('no answer (cable cut)'), 'no answer (cable cut)'],
    ['a cause that is no error', new Error('no', { cause: 5 }), 'no: 5'],
    [
      'several at once, each said once',
      new AggregateError([new Error('a'), cut('b'), new Error('a')], 'both'),
      'both: a; b: cable cut',
    ],
    ['a code alone', Object.assign(new Error(), { code: 'EPIPE' }), 'EPIPE'],
    ['a name alone', new TypeError(), 'TypeError'],
  ])('is there for %s', (_, error, expected) => {
    expect(messageOf(error)).toBe(expected);
  });

  it('ends where an error is its own cause', () => {
    const [first, second] = [new Error('first'), new Error('second')];
    first.cause = second;
    second.cause = first;
    expect(messageOf(first)).toBe('first: second');
  });

  it('says what the network says', async () => {
    const port = await freePort();
    const refused = await new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve));
    expect(messageOf(refused)).toBe(`connect ECONNREFUSED 127.0.0.1:${port}`);
    const error = await fetch(`http://127.0.0.1:${port}/`).catch((reason: unknown) => reason);
    expect(messageOf(error)).toBe(`fetch failed: connect ECONNREFUSED 127.0.0.1:${port}`);
  });
});

describe('the message of what a schema refuses', () => {
  const row = z.object({ a: z.number(), b: z.string(), c: z.string(), d: z.array(z.number()) });

  it('is its first flaws in one line, each with its place', () => {
    const { error } = row.safeParse({ a: null, b: 1, c: 'c', d: [1, 'x', 'y'] });
    expect(messageOf(error)).toBe(
      'a: expected number, received null; b: expected string, received number; d.1: expected number, received string',
    );
    expect(messageOf(row.safeParse(7).error)).toBe('expected object, received number');
  });
});

describe('a fault of the program', () => {
  it('is what the language throws', () => {
    const run = {} as { nowhere: { at(index: number): void } };
    const thrown = [() => run.nowhere.at(0), () => new Array(-1), () => JSON.parse('{')].map((act) => {
      try {
        return act();
      } catch (error) {
        return error;
      }
    });
    expect(thrown.map(isFault)).toEqual([true, true, true]);
    expect(isFault('a text')).toBe(true);
  });

  it('is not what was thrown for somebody to read, nor a server that is away', async () => {
    const away = await fetch(`http://127.0.0.1:${await freePort()}/`).catch((reason: unknown) => reason);
    expect(away).toBeInstanceOf(TypeError);
    const said = [new Error('the disk is full'), new WattlineError('START_FAILED', 'no'), away];
    expect(said.map(isFault)).toEqual([false, false, false]);
  });
});

describe('problems', () => {
  const problem = (file: string, line: number, column: number): Problem => ({
    code: 'CONFIG_UNKNOWN_KEY',
    at: { file, line, column },
    path: 'a.b',
    message: 'unknown key',
    remedy: 'did you mean `c`?',
  });

  it('are written with their place, path, fault, remedy and code', () => {
    const text = 'a.yaml:14:7 a.b: unknown key; did you mean `c`? [CONFIG_UNKNOWN_KEY]';
    expect(formatProblem(problem('a.yaml', 14, 7))).toBe(text);
    expect(formatProblem({ ...problem('a.yaml', 14, 7), path: '' })).toBe(text.replace('a.b: ', ''));
    expect(formatProblem({ ...problem('a.yaml', 14, 7), at: undefined })).toBe(text.replace('a.yaml:14:7 ', ''));
  });

  it('come in the order of the text, those without a place last', () => {
    const nowhere = { ...problem('', 0, 0), at: undefined };
    const sorted = [problem('a', 2, 9), problem('a', 10, 1), problem('a', 10, 2), problem('b', 1, 1), nowhere];
    const error = new ConfigurationError([...sorted.slice(2).reverse(), ...sorted.slice(0, 2)]);
    expect(error.problems).toEqual(sorted);
    expect(error.message).toBe(sorted.map(formatProblem).join('\n'));
    expect(error).toBeInstanceOf(WattlineError);
  });

  it('have codes that say what they mean', () => {
    for (const [code, meaning] of Object.entries(errorCodes)) {
      expect(code).toMatch(/^[A-Z]+(_[A-Z]+)+$/);
      expect(meaning).toMatch(/^[A-Z`].*\.$/);
    }
  });
});
