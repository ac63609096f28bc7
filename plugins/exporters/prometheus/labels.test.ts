import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toLabels } from './labels.ts';
import { plainName } from './names.ts';

describe('plainName', () => {
  it.each([
    ['http.server-duration', 'http_server_duration'],
    ['a..b__c', 'a_b_c'],
    ['2nd', '_2nd'],
    ['größe', 'gr_e'],
    ['', '_'],
  ])('%j is %j', (name, plain) => {
    expect(plainName(name)).toBe(plain);
  });

  it('is valid, and stays as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(plainName(name)).toMatch(/^[a-zA-Z_][a-zA-Z0-9_]*$/);
        expect(plainName(plainName(name))).toBe(plainName(name));
      }),
    );
  });
});

describe('toLabels', () => {
  it('writes values as text, and leaves out what is empty', () => {
    expect(toLabels({ a: 'x', b: 2.5, c: true, d: ['y', 'z'], e: '', f: undefined }, [])).toEqual({
      a: 'x',
      b: '2.5',
      c: 'true',
      d: '["y","z"]',
    });
  });

  it('joins the values of names that become one, in the order of the names', () => {
    expect(toLabels({ a_b: '2', 'a.b': '1', 'a-b': '0' }, [['a b', '3']])).toEqual({ a_b: '3;0;1;2' });
  });

  it('adds labels that the attributes do not have', () => {
    const more = [
      ['region', 'x'],
      ['run.fps', 30],
      ['gone', undefined],
    ] as const;
    expect(toLabels({ region: 'y' }, more)).toEqual({ region: 'y', run_fps: '30' });
  });

  it('keeps a reserved name free', () => {
    expect(toLabels({ le: '5' }, [], 'le')).toEqual({ exported_le: '5' });
  });
});
