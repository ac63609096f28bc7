import { describe, expect, it } from 'vitest';
import { formatProblem, type Problem } from '../errors.ts';
import { refusedKeys, secret, section, z } from '../plugin/index.ts';
import { checkValues } from './check-values.ts';
import { parseYaml } from './parse-yaml.ts';

/** The problems that a schema finds in a text, without their codes. */
function problemsOf(schema: z.ZodType, text: string): string[] {
  const problems: Problem[] = [];
  const root = parseYaml(text, 'a.yaml', problems);
  expect(problems).toEqual([]);
  const result = root && checkValues(schema, root, [], problems);
  expect(result === undefined).toBe(problems.length > 0);
  return problems.map((problem) => formatProblem(problem).replace(/^a\.yaml:| \[CONFIG_\w+\]$/g, ''));
}

it.each([
  [z.number(), 'fast', '"fast" is not valid here; expected a number'],
  [z.int(), '1.5', '1.5 is not valid here; expected a whole number'],
  [z.int().positive(), '0', '0 is not valid here; expected a number of more than 0'],
  [z.number().min(1).max(5), '7', '7 is not valid here; expected a number of at most 5'],
  [z.number().lt(5), '5', '5 is not valid here; expected a number of less than 5'],
  [z.number().multipleOf(4), '5', '5 is not valid here; expected a multiple of 4'],
  [z.boolean(), 'yes', '"yes" is not valid here; expected true or false'],
  [z.string(), '0123', '123 is not valid here; expected a text, in quotes: "123"'],
  [z.string(), 'true', 'true is not valid here; expected a text, in quotes: "true"'],
  [z.string().min(1), '""', '"" is not valid here; expected a text that is not empty'],
  [z.string().min(3), 'ab', '"ab" is not valid here; expected at least 3 characters'],
  [z.url(), 'nowhere', '"nowhere" is not valid here; expected a URL such as http://127.0.0.1:8428'],
  [
    z.string().regex(/^a/, { error: 'expected a word with an a' }),
    'b',
    '"b" is not valid here; expected a word with an a',
  ],
  [z.array(z.number()), '{ a: 1 }', 'a map is not valid here; expected a list'],
  [z.array(z.number()).min(1), '[]', 'an empty list is not valid here; expected at least one item'],
  [z.array(z.number()).max(1), '[1, 2]', 'a list is not valid here; expected at most 1 item'],
  [z.strictObject({}), '[1]', 'a list is not valid here; expected a map'],
  [z.record(z.string(), z.number()), '5', '5 is not valid here; expected a map'],
  [z.enum(['proto', 'json']), 'prot', '"prot" is not valid here; did you mean `proto`? expected one of proto, json'],
  [z.enum(['proto', 'json']), 'text', '"text" is not valid here; expected one of proto, json'],
  [z.literal(0), '1', '1 is not valid here; expected 0'],
  [z.union([z.number(), z.enum(['auto'])]), 'x', '"x" is not valid here; expected a number or auto'],
  [z.union([z.number(), z.boolean()], { error: 'expected a switch' }), 'x', '"x" is not valid here; expected a switch'],
])('says what a value should be: %#', (schema, text, expected) => {
  expect(problemsOf(z.strictObject({ key: schema }), `key: ${text}`)).toEqual([`1:6 key: ${expected}`]);
});

it('says what to use in place of a key that others have', () => {
  const inner = z.strictObject({ url: z.string().optional() }).meta(refusedKeys({ proxy: 'use a route' }));
  const schema = z.strictObject({ targets: z.array(inner).optional() });
  expect(problemsOf(schema, 'targets: [{ proxy: a, prox: b }]\nproxy: c')).toEqual([
    '1:13 targets[0].proxy: this key has no counterpart here; use a route',
    '1:23 targets[0].prox: unknown key; known keys: url',
    '2:1 proxy: unknown key; known keys: targets',
  ]);
});

it('says what a missing key is for', () => {
  const schema = z.strictObject({ a: z.array(z.string()).describe('Globs'), b: z.number().default(1).describe('B') });
  expect(problemsOf(schema, 'b: 2')).toEqual(['1:1 a: the required key is missing; expected a list (Globs)']);
});

it('points at the innermost key there is', () => {
  const inner = z.strictObject({ low: z.number(), high: z.number() });
  const schema = z.strictObject({ limits: z.array(inner), map: z.record(z.string(), inner).default({}) });
  expect(problemsOf(schema, 'limits:\n  - low: 1\n    hgih: 2\nmap:\n  x: { low: a, high: }')).toEqual([
    '2:5 limits[0].high: the required key is missing; expected a number',
    '3:5 limits[0].hgih: unknown key; did you mean `high`?',
    '5:13 map.x.low: "a" is not valid here; expected a number',
    '5:16 map.x.high: the key has no value; expected a number',
  ]);
});

it('explains a union of maps by the branch that comes nearest', () => {
  const schema = z.strictObject({
    auth: z.union([
      z.strictObject({ type: z.literal('basic'), user: z.string(), password: z.string() }),
      z.strictObject({ type: z.literal('token'), token: z.string() }),
    ]),
  });
  expect(problemsOf(schema, 'auth: { type: token, tokn: a }')).toEqual([
    '1:1 auth.token: the required key is missing; expected a text',
    '1:22 auth.tokn: unknown key; did you mean `token`?',
  ]);
});

it('knows the keys within defaults, optionals, lists and maps of maps', () => {
  const inner = z.strictObject({ colour: z.string().optional() });
  const schema = z.strictObject({
    a: inner.prefault({}),
    b: inner.optional(),
    c: z.array(inner),
    d: z.record(z.string(), inner),
    e: inner.transform((value) => value),
  });
  const remedies = problemsOf(
    schema,
    'a: {colur: x}\nb: {colur: x}\nc: [{colur: x}]\nd: {k: {colur: x}}\ne: {colur: x}',
  );
  expect(remedies).toHaveLength(5);
  for (const remedy of remedies) expect(remedy).toMatch(/unknown key; did you mean `colour`\?$/);
});

it('refuses a key that a map of free keys does not allow', () => {
  const schema = z.strictObject({
    labels: z.record(z.string().regex(/^[a-z]+$/, { error: 'expected small letters' }), z.string()),
  });
  expect(problemsOf(schema, 'labels: { A: x }')).toEqual([
    '1:11 labels.A: `A` is not a valid key here; expected small letters',
  ]);
});

it('cuts a long value', () => {
  expect(problemsOf(z.strictObject({ a: z.number() }), `a: ${'x'.repeat(500)}`)[0]?.length).toBeLessThan(120);
});

describe('a secret', () => {
  const schema = z.strictObject({
    token: secret().min(8, { error: 'expected at least 8 characters' }).optional(),
    list: z.array(secret().refine(() => false, { error: 'expected another' })).default([]),
    headers: z.record(z.string(), secret()).default({}),
    either: z.union([z.number(), secret().regex(/^a/, { error: 'expected an a' })]).optional(),
  });

  it('is quoted by no message', () => {
    const text = 'token: hush-1\nlist: [hush-2, 77001]\nheaders: { a: 77002, b: true, c: [hush-3] }\neither: hush-4';
    const problems = problemsOf(schema, text);
    expect(problems).toEqual([
      '1:8 token: the value is not valid here; expected at least 8 characters',
      '2:8 list[0]: the value is not valid here; expected another',
      '2:16 list[1]: the value is not valid here; expected a text, in quotes',
      '3:15 headers.a: the value is not valid here; expected a text, in quotes',
      '3:25 headers.b: the value is not valid here; expected a text, in quotes',
      '3:34 headers.c: the value is not valid here; expected a text',
      '4:9 either: the value is not valid here; expected an a',
    ]);
    expect(problems.join()).not.toMatch(/hush|7700/);
  });

  it('is not shown where it stands in a URL', () => {
    expect(problemsOf(z.strictObject({ url: z.number() }), 'url: http://me:hush@host/path')).toEqual([
      '1:6 url: "http://…@host/path" is not valid here; expected a number',
    ]);
  });
});

it('takes a key without a value for what stands for a section, and else for nothing', () => {
  const inner = z.strictObject({ a: z.number().default(1) });
  const schema = z.strictObject({ known: section(inner), other: inner.optional() });
  const read = (text: string) => {
    const problems: Problem[] = [];
    const root = parseYaml(text, 'a.yaml', problems);
    return [root && checkValues(schema, root, [], problems), problems.length];
  };
  expect(read('known:\nother:\n')).toEqual([{ known: { a: 1 }, other: undefined }, 0]);
  expect(read('known: { a: }\n')).toEqual([{ known: { a: 1 } }, 0]);
  expect(read('{}')).toEqual([{}, 0]);
});
