import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figure, Run } from 'wattline/plugin';
import { createTestContext, deepFreeze, figureLabels } from '../../../test/kit/context.ts';
import { figuredRun } from '../../../test/kit/figured-run.ts';
import plugin from './index.ts';

async function changed(run: Run, actions: readonly object[]) {
  const { ctx, runs, skips } = createTestContext();
  const processor = plugin.create(ctx, plugin.configSchema.parse({ actions }));
  await processor.consume([run], new AbortController().signal);
  return { result: runs[0] as Run, skips: skips.map(({ item, reason }) => [item, reason]) };
}

async function attributesAfter(before: Attributes, ...actions: object[]): Promise<Attributes> {
  return (await changed(Run.of(before), actions)).result.resource.attributes;
}

describe('an action', () => {
  const before = { a: 'one', n: 7, t: true, l: ['x', 'y'] };

  it.each([
    ['insert', { key: 'b', value: 'new' }, { ...before, b: 'new' }],
    ['insert', { key: 'a', value: 'new' }, before],
    ['insert', { key: 'b', value: 0 }, { ...before, b: 0 }],
    ['insert', { key: 'b', value: false }, { ...before, b: false }],
    ['insert', { key: 'b', from_attribute: 'n' }, { ...before, b: 7 }],
    ['insert', { key: 'b', from_attribute: 'no' }, before],
    ['update', { key: 'a', value: 'new' }, { ...before, a: 'new' }],
    ['update', { key: 'b', value: 'new' }, before],
    ['update', { key: 'a', from_attribute: 'l' }, { ...before, a: ['x', 'y'] }],
    ['upsert', { key: 'a', value: 2 }, { ...before, a: 2 }],
    ['upsert', { key: 'b', value: 2 }, { ...before, b: 2 }],
    ['upsert', { key: 'a', from_attribute: 'no' }, before],
    ['delete', { key: 'a' }, { n: 7, t: true, l: ['x', 'y'] }],
    ['delete', { key: 'no' }, before],
    ['delete', { pattern: '^[nt]$' }, { a: 'one', l: ['x', 'y'] }],
    ['delete', { key: 'a', pattern: '^[nt]$' }, { l: ['x', 'y'] }],
    ['rename', { key: 'a', new_key: 'b' }, { n: 7, t: true, l: ['x', 'y'], b: 'one' }],
    ['rename', { key: 'a', new_key: 'n' }, { n: 'one', t: true, l: ['x', 'y'] }],
    ['rename', { key: 'no', new_key: 'n' }, before],
    ['extract', { key: 'a', pattern: '(?P<first>.)(?<a>.)' }, { ...before, first: 'o', a: 'n' }],
    ['extract', { key: 'a', pattern: '^(?P<first>x)' }, before],
    ['extract', { key: 'no', pattern: '(?P<first>x?)' }, before],
    ['extract', { key: 'n', pattern: '(?P<digit>7)|(?P<n>8)' }, { ...before, digit: '7' }],
    ['convert', { key: 'n', converted_type: 'string' }, { ...before, n: '7' }],
    ['convert', { key: 't', converted_type: 'int' }, { ...before, t: 1 }],
    ['convert', { key: 'no', converted_type: 'int' }, before],
  ])('%s %j', async (action, rest, expected) => {
    expect(await attributesAfter(before, { action, ...rest })).toEqual(expected);
  });

  it('comes after the one before it', async () => {
    const actions = [
      { action: 'extract', key: 'scenario', pattern: String.raw`^(?P<count>\d+) streams?(?: @ (?P<bitrate>\d+k))?` },
      { action: 'convert', key: 'count', converted_type: 'int' },
      { action: 'rename', key: 'count', new_key: 'run.streams' },
      { action: 'hash', key: 'scenario' },
      { action: 'insert', key: 'bitrate', value: 'unknown' },
    ];
    expect(await attributesAfter({ scenario: '2 streams @ 2500k' }, ...actions)).toEqual({
      scenario: '979096221046492685cf8d3dec37d0f308a39d93c697d16e97b526af63582e84',
      'run.streams': 2,
      bitrate: '2500k',
    });
    expect(await attributesAfter({ scenario: 'baseline' }, ...actions)).toMatchObject({ bitrate: 'unknown' });
  });
});

it('takes the list of the processor `resource` too, behind its own', async () => {
  const { ctx, runs } = createTestContext();
  const actions = [{ action: 'upsert', key: 'a', value: 1 }];
  const attributes = [{ action: 'upsert', key: 'b', from_attribute: 'a' }];
  for (const settings of [{ attributes: actions }, { actions, attributes }]) {
    const processor = plugin.create(ctx, plugin.configSchema.parse(settings));
    await processor.consume([Run.of({})], new AbortController().signal);
  }
  expect(runs.map((run) => run.resource.attributes)).toEqual([{ a: 1 }, { a: 1, b: 1 }]);
});

describe('a hash', () => {
  it('is SHA-256 in hex of the text of the value, as FIPS 180-4 has it', async () => {
    const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    const seven = '7902699be42c8a8e46fbbb4501726517e86b22c56a189f7625a6da49081b2451';
    const before = { 'a.name': 'abc', 'b.name': 7, c: 'abc' };
    const after = { 'a.name': abc, 'b.name': seven, c: 'abc' };
    expect(await attributesAfter(before, { action: 'hash', pattern: 'name$' })).toEqual(after);
    expect(await attributesAfter({}, { action: 'hash', key: 'a' })).toEqual({});
  });
});

describe('a conversion', () => {
  it.each([
    ['42', 42, 42],
    [' -1.5e1 ', -15, -15],
    ['29.97', 29, 29.97],
    ['.5', 0, 0.5],
    [-2.5, -2, -2.5],
    [false, 0, 0],
  ])('of %j is %j as int and %j as double', async (value, int, double) => {
    expect((await attributesAfter({ a: value }, { action: 'convert', key: 'a', converted_type: 'int' })).a).toBe(int);
    expect((await attributesAfter({ a: value }, { action: 'convert', key: 'a', converted_type: 'double' })).a).toBe(
      double,
    );
  });

  it.each(['', ' ', '2500k', '0x10', 'Infinity', '1e999', '1,5', ['1']])(
    'of %j is left out and counted',
    async (value) => {
      const run = Run.of({ a: value });
      for (const type of ['int', 'double']) {
        const { result, skips } = await changed(run, [{ action: 'convert', key: 'a', converted_type: type }]);
        expect(result).toBe(run);
        expect(skips).toEqual([['a', 'not_a_number']]);
      }
    },
  );

  it('of any number of digits that are no number is left out', async () => {
    // To try all ways to divide the digits takes hours.
    const run = Run.of({ a: `${'1'.repeat(1_000_000)}x` });
    const { skips } = await changed(run, [{ action: 'convert', key: 'a', converted_type: 'int' }]);
    expect(skips).toEqual([['a', 'not_a_number']]);
  });
});

describe('a run', () => {
  const run = deepFreeze(figuredRun({ scenario: 'secret', region: 'eu-west-1', power: [1, 2], totalUsd: 1 }));

  it('keeps its metrics, and its figures of before their labels; those of after have the new ones', async () => {
    const { result } = await changed(run, [
      { action: 'update', key: 'scenario', value: 'public' },
      { action: 'upsert', key: 'encoder', value: 'x264' },
    ]);
    expect(result.scopeMetrics).toHaveLength(2);
    expect(result.scopeMetrics).toEqual(expect.arrayContaining(run.scopeMetrics));
    expect(result.samples).toBe(run.samples);
    const later = result.with({ figures: [figure({ name: 'cost', unit: '{USD}', description: '' }, 1)] });
    expect(figureLabels(later, 'cost')).toEqual({ scenario: 'public', region: 'eu-west-1', encoder: 'x264' });
  });

  it('on which nothing is changed goes on as it is', async () => {
    const actions = [
      { action: 'delete', key: 'no' },
      { action: 'rename', key: 'region', new_key: 'zone' },
      { action: 'rename', key: 'zone', new_key: 'region' },
    ];
    expect((await changed(run, actions)).result).toBe(run);
  });
});

const name = fc.constantFrom('a', 'b', 'c', 'constructor');
const value = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
const attributes = fc
  .uniqueArray(fc.tuple(name, value), { selector: ([key]) => key })
  .map((entries): Attributes => Object.fromEntries(entries));
const insert = (key: string, of: unknown) => ({ action: 'insert', key, value: of });
const rename = (key: string, to: string) => ({ action: 'rename', key, new_key: to });

describe('by law', () => {
  const has = (of: Attributes, key: string) => Object.hasOwn(of, key);
  const check = (law: (before: Attributes, key: string, other: string, of: unknown) => Promise<void>) =>
    fc.assert(
      fc.asyncProperty(attributes, name, name, value, async (before, key, other, of) => {
        fc.pre(key !== other);
        await law(before, key, other, of);
      }),
    );

  it('an insertion is made once, and never over what was there', () =>
    check(async (before, key, _, of) => {
      const after = await attributesAfter(before, insert(key, of));
      expect(Object.entries(after)).toEqual(expect.arrayContaining(Object.entries(before)));
      expect(has(after, key)).toBe(true);
      expect(await attributesAfter(after, insert(key, 'other'))).toEqual(after);
    }));

  it('an upsert is an update and an insertion, in either order', () =>
    check(async (before, key, _, of) => {
      const [update, upsert] = [
        { action: 'update', key, value: of },
        { action: 'upsert', key, value: of },
      ];
      const after = await attributesAfter(before, upsert);
      expect(Object.entries(after).find(([known]) => known === key)?.[1]).toBe(of);
      expect(await attributesAfter(before, update, insert(key, of))).toEqual(after);
      expect(await attributesAfter(before, insert(key, of), update)).toEqual(after);
    }));

  it('a deletion undoes an insertion of what was not there, and leaves all else', () =>
    check(async (before, key, _, of) => {
      const remove = { action: 'delete', key };
      const without = Object.fromEntries(Object.entries(before).filter(([known]) => known !== key));
      expect(await attributesAfter(before, remove)).toEqual(without);
      expect(await attributesAfter(before, remove, insert(key, of), remove)).toEqual(without);
    }));

  it('a renaming is a copy and a deletion, and is undone by the one back where the new name was free', () =>
    check(async (before, key, other) => {
      const copied = [
        { action: 'upsert', key: other, from_attribute: key },
        { action: 'delete', key },
      ];
      expect(await attributesAfter(before, rename(key, other))).toEqual(await attributesAfter(before, ...copied));
      if (has(before, other)) return;
      expect(await attributesAfter(before, rename(key, other), rename(other, key))).toEqual(before);
    }));

  it('equal values have equal hashes, and others have others', () =>
    check(async (before, key, other) => {
      const after = await attributesAfter(before, { action: 'hash', pattern: '.' });
      expect(Object.values(after).every((hashed) => /^[0-9a-f]{64}$/.test(String(hashed)))).toBe(true);
      const isSame = (of: Attributes) => String(of[key]) === String(of[other]);
      if (has(before, key) && has(before, other)) expect(isSame(after)).toBe(isSame(before));
    }));
});

describe('a configuration is refused', () => {
  it.each([
    ['without actions', {}],
    ['with an empty list', { actions: [] }],
    ['with an unknown action', { actions: [{ action: 'set', key: 'a', value: 1 }] }],
    ['without a value', { actions: [{ action: 'insert', key: 'a' }] }],
    ['with two values', { actions: [{ action: 'insert', key: 'a', value: 1, from_attribute: 'b' }] }],
    ['with a list as value', { actions: [{ action: 'insert', key: 'a', value: [1] }] }],
    ['with nothing to delete', { actions: [{ action: 'delete' }] }],
    ['with a new name that is the old one', { actions: [{ action: 'rename', key: 'a', new_key: 'a' }] }],
    ['with nothing to extract', { actions: [{ action: 'extract', key: 'a', pattern: '(x)' }] }],
    ['with a backtracking expression', { actions: [{ action: 'delete', pattern: '(?!a)' }] }],
    ['with a key of another action', { actions: [{ action: 'delete', key: 'a', value: 1 }] }],
  ])('%s', (_, config) => {
    expect(plugin.configSchema.safeParse(config).success).toBe(false);
  });
});
