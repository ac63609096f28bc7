import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ResultSink } from './parts.ts';
import { ResultSplitter, type SplitterOptions } from './splitter.ts';

/** Splits text that arrives in pieces of the given sizes, in turn. */
function split(text: string | Uint8Array, sizes: readonly number[] = [1 << 20], options?: SplitterOptions) {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const result = { runs: [] as unknown[], broken: [] as string[], documents: [] as Record<string, unknown>[] };
  const sink: ResultSink = {
    run: (value) => result.runs.push(value),
    broken: (_, message) => result.broken.push(message),
    document: (fields) => result.documents.push(fields),
  };
  const splitter = new ResultSplitter(sink, options);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    splitter.push(bytes.subarray(at, at + size));
    at += size;
  }
  splitter.end();
  return result;
}

/** The names of the runs that were found, and how many places were reported. */
function found(text: string, sizes?: readonly number[]) {
  const { runs, broken } = split(text, sizes);
  return { names: runs.map((run) => (run as { name?: unknown }).name), broken: broken.length };
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"scenarios":[', '},{"name":"x"}', '\\', '"', '\n{', '😀é', '\\u0022', ']}'),
);
// JSON.parse of Node.js 24.21 takes some keys of a single escaped character, such as "\\u0000", for a backslash.
const key = text.filter((name) => name !== 'scenarios' && (name.length !== 1 || JSON.stringify(name).length === 3));
const json = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, true, false, 0, -1.5e-7, 42),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    text,
    fc.array(fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 })),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(key, tie('value'), { maxKeys: 6 }),
}));
const { object } = json;
const indent = fc.constantFrom('', ' ', '  ', '\t', '\n', '\r\n');
/** What JSON.parse makes of it, since JSON knows no minus before 0. */
const asParsed = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('valid text', () => {
  it('gives the runs that JSON.parse finds, however it is laid out and cut into chunks', () => {
    fc.assert(
      fc.property(
        object,
        fc.array(object),
        object,
        indent,
        sizes,
        fc.boolean(),
        (before, runs, after, gap, cuts, marked) => {
          const mark = marked ? '\ufeff' : '';
          const written = JSON.stringify({ ...before, scenarios: runs, ...after }, null, gap === '\r\n' ? 2 : gap);
          const expected = JSON.parse(written);
          const result = split(mark + (gap === '\r\n' ? written.replaceAll('\n', '\r\n') : written), cuts);
          expect(result.runs).toEqual(expected.scenarios);
          expect(result.broken).toEqual([]);
          const keys = Object.keys(expected);
          for (const name of keys.slice(0, keys.indexOf('scenarios'))) {
            expect(result.documents[0]?.[name]).toEqual(expected[name]);
          }
        },
      ),
    );
  });

  it('gives the same byte by byte', () => {
    fc.assert(
      fc.property(object, fc.array(object), indent, (before, runs, gap) => {
        const written = JSON.stringify({ ...before, scenarios: runs }, null, gap);
        expect(split(written, [1])).toEqual(split(written));
      }),
    );
  });

  it('takes bare runs a line, lists of runs, and documents one after another', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1 }), sizes, (runs, cuts) => {
        const lines = runs.map((value) => JSON.stringify(value));
        const list = JSON.stringify(runs, null, 2);
        const documents = [{ scenarios: runs }, { scenarios: runs, last: {} }].map((value) => JSON.stringify(value));
        const expected = { runs: asParsed(runs), broken: [] };
        expect(split(lines.join('\n'), cuts)).toMatchObject(expected);
        expect(split(`${lines.join('\r\n')}\r\n`, cuts)).toMatchObject(expected);
        expect(split(lines.join(''), cuts)).toMatchObject(expected);
        expect(split(list, cuts)).toMatchObject(expected);
        expect(split(documents.join(''), cuts)).toMatchObject({ runs: asParsed([...runs, ...runs]), broken: [] });
        expect(split(`[${documents.join(',')}]`, cuts)).toMatchObject({
          runs: asParsed([...runs, ...runs]),
          broken: [],
        });
      }),
    );
  });

  it.each([
    ['{"scenarios": []}', []],
    ['{"scenarios": null}', [{ scenarios: null }]],
    ['{"scenarios": {}}', [{ scenarios: {} }]],
    ['{}', [{}]],
    ['[]', []],
    ['{"scenarios": [null, 5, "a, ] }", [1, [2]], true, {}]}', [null, 5, 'a, ] }', [1, [2]], true, {}]],
    ['{"a": {"scenarios": [1]}, "x\\"scenarios": [2], "scenarios": [3]}', [3]],
    ['{"sc\\u0065narios": [{"name": "a"}]}', [{ name: 'a' }]],
    ['{"scenarios" \n : \n [ {"name" : "a"} \n , {"name" : "b"} \n ] \n }', [{ name: 'a' }, { name: 'b' }]],
  ])('reads %s', (written, runs) => {
    for (const cuts of [[1 << 20], [1], [2, 3]]) expect(split(written, cuts)).toMatchObject({ runs, broken: [] });
  });
});

describe('text that is cut off', () => {
  const runs = [
    { name: 'a "quoted" \\', power_watts: [1, 2.5], more: { list: [{ name: 'inner' }, { name: 'last' }] } },
    { name: 'é😀', text: '},{"name":"no"}' },
    { name: 'c', power_watts: [] },
  ];

  const layouts: readonly (readonly [string, number | undefined, string, string, string])[] = [
    ['one line', undefined, '{"test_date":"x","scenarios":[', ',', '],"after":[1]}'],
    ['indented', 2, '{\n  "test_date": "x",\n  "scenarios": [\n', ',\n', '\n  ],\n  "after": [1]\n}'],
    ['a list', undefined, '[', ', ', ']'],
  ];

  it.each(layouts)(
    'gives every complete run and one report, cut at whatever byte: %s',
    (_, indentation, head, between, tail) => {
      const pieces = runs.map((value) => Buffer.from(JSON.stringify(value, null, indentation)));
      const bytes = Buffer.concat([Buffer.from(head), ...pieces.flatMap((piece) => [piece, Buffer.from(between)])]);
      const whole = Buffer.concat([bytes.subarray(0, bytes.length - between.length), Buffer.from(tail)]);
      expect(split(whole)).toMatchObject({ runs, broken: [] });
      for (let cut = 0; cut < whole.length; cut++) {
        const complete = pieces.filter((piece) => bytes.indexOf(piece) + piece.length <= cut).length;
        const result = split(whole.subarray(0, cut));
        expect(result.broken, `cut at ${cut}`).toHaveLength(1);
        expect(result.runs).toEqual(runs.slice(0, complete));
      }
    },
  );

  it('says how far it got', () => {
    expect(split('{"scenarios": [{"name": "a"}, {"na').broken).toEqual([
      'the text is cut off at byte 34, after 1 complete run',
    ]);
    expect(split('').broken).toEqual(['the text is empty']);
    expect(split('\ufeff \n').broken).toEqual(['the text is empty']);
  });
});

describe('one broken run among good ones', () => {
  const good = (name: string) =>
    `{"name":"${name}","bitrate":"5k","power_watts":[1,2],"cpu_usage_cores":[1],"meta":{"x":[{"y":1},{"z":2}]}}`;
  const flaws: readonly (readonly [string, string])[] = [
    ['a bad number', '{"name":"bad","power_watts":[1.2.3,4]}'],
    ['a trailing comma', '{"name":"bad","power_watts":[1,2,],}'],
    ['single quotes', "{'name':'bad','power_watts':[1,2]}"],
    ['a comment', '{"name":"bad", /* it\'s */ "power_watts":[1,2]}'],
    ['no closing quote', '{"name":"bad,"bitrate":"5k","power_watts":[1,2]}'],
    ['no opening quote', '{"name":bad","bitrate":"5k","power_watts":[1,2]}'],
    ['no closing quote of a key', '{"name:"bad","bitrate":"5k"}'],
    ['no opening quote of a key', '{name":"bad","bitrate":"5k"}'],
    ['no closing quote of the last string', '{"power_watts":[1,2],"name":"bad}'],
    ['an unescaped quote', '{"name":"b"a"d","bitrate":"5k"}'],
    ['an unescaped backslash before a quote', '{"name":"bad\\","bitrate":"5k"}'],
    ['a line break in a string', '{"name":"bad\nly","bitrate":"5k","power_watts":[1,2]}'],
    ['no closing brace', '{"name":"bad","power_watts":[1,2]'],
    ['no closing brace of an inner object', '{"name":"bad","meta":{"a":1,"power_watts":[1,2]}'],
    ['no opening brace', '"name":"bad","power_watts":[1,2]}'],
    ['no closing bracket', '{"name":"bad","power_watts":[1,2,"cpu_usage_cores":[1]}'],
    ['no opening bracket', '{"name":"bad","power_watts":1,2],"cpu_usage_cores":[1]}'],
    ['a brace for a bracket', '{"name":"bad","power_watts":[1,2},"cpu_usage_cores":[1],"x":3}'],
    ['a bracket for a brace', '{"name":"bad","meta":{"a":1],"cpu_usage_cores":[1],"x":3}'],
    ['a bracket too many', '{"name":"bad","power_watts":[1,2]],"cpu_usage_cores":[1]}'],
    ['no colon', '{"name" "bad","power_watts":[1,2]}'],
    ['no value', '{"name":"bad","power_watts":,"x":1}'],
    ['a word', 'undefined'],
  ];

  it.each(flaws)('%s in a document of one line', (_, flaw) => {
    const written = `{"scenarios":[${[good('a'), flaw, good('b'), good('c')].join(',')}]}`;
    for (const cuts of [[1 << 20], [1], [7, 2]])
      expect(found(written, cuts)).toEqual({ names: ['a', 'b', 'c'], broken: 1 });
  });

  it.each(flaws)('%s in an indented document', (_, flaw) => {
    const written = `{\n  "scenarios": [\n    ${[good('a'), flaw.replaceAll(',"', ',\n      "'), good('b'), good('c')].join(',\n    ')}\n  ]\n}\n`;
    expect(found(written)).toEqual({ names: ['a', 'b', 'c'], broken: 1 });
  });

  it.each(flaws)('%s in one run a line', (_, flaw) => {
    const written = [good('a'), flaw, good('b'), good('c')].join('\n');
    expect(found(written)).toEqual({ names: ['a', 'b', 'c'], broken: 1 });
  });

  it.each([
    '{"name":"bad","power_watts":[1',
    '{"name":"bad","power_watts":[1,',
    '{"name":"bad","power_watts":[',
    '{"name":"bad","power_watts":',
    '{"name":"bad","power_watts"',
    '{"name":"bad","pow',
    '{"name":"bad",',
    '{"name":"bad',
    '{"name":',
    '{"',
    '{',
  ])('a line that ends early: %s', (line) => {
    expect(found([good('a'), line, good('b'), good('c')].join('\n'))).toEqual({ names: ['a', 'b', 'c'], broken: 1 });
  });

  it('a brace too many costs no run', () => {
    expect(found(`{"scenarios":[${good('a')}},${good('b')}]}`)).toEqual({ names: ['a', 'b'], broken: 1 });
    expect(found(`${good('a')}}\n${good('b')}`)).toEqual({ names: ['a', 'b'], broken: 1 });
  });

  it('commas too many or too few between runs cost nothing', () => {
    expect(found(`{"scenarios":[,${good('a')},,${good('b')} ${good('c')},]}`)).toEqual({
      names: ['a', 'b', 'c'],
      broken: 0,
    });
    expect(found(`${good('a')},\n${good('b')},\n`)).toEqual({ names: ['a', 'b'], broken: 0 });
  });

  it('two broken runs are two reports', () => {
    const bad = '{"name":"bad","power_watts":[1.2.3]}';
    expect(found(`{"scenarios":[${[bad, bad, good('a')].join(',')}]}`)).toEqual({ names: ['a'], broken: 2 });
    expect(found([bad, bad, good('a')].join('\n'))).toEqual({ names: ['a'], broken: 2 });
  });

  it('broken text around the runs costs none of them', () => {
    expect(found(`{"test_date":nonsense,"scenarios":[${good('a')}]}`)).toEqual({ names: ['a'], broken: 1 });
    expect(found(`{"scenarios":[${good('a')}],"rest":nonsense}`)).toEqual({ names: ['a'], broken: 1 });
  });

  it('goes on with the documents behind one that is cut off', () => {
    const whole = `{"scenarios":[${good('b')}]}`;
    for (const cut of ['{"scenarios":[', `{"scenarios":[${good('a')},{"name":"x`, `{"scenarios":[${good('a')}]`]) {
      expect(found(`${cut}\n${whole}\n`).names).toContain('b');
    }
  });
});

describe('text that is no JSON', () => {
  it.each([
    ['words', 'scenario,power\na,1\nb,2\n'],
    ['HTML', '<html>\n<body>[1]</body>\n</html>'],
    ['a number', '42'],
    ['a string', '"{}"'],
    ['UTF-16', `\ufeff{"scenarios": []}\n{}`],
  ])('%s is reported once', (title, written) => {
    const bytes = title === 'UTF-16' ? Buffer.from(written, 'utf16le') : Buffer.from(written);
    const { runs, broken } = split(bytes);
    expect(runs).toEqual([]);
    expect(broken).toEqual([expect.stringMatching(/^no JSON object at byte 0: found "/)]);
  });

  it('bytes of any kind never throw, in any chunks, and are reported or valid', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), sizes, (bytes, cuts) => {
        const result = split(bytes, cuts);
        expect(result).toEqual(split(bytes));
        expect(result.runs.length + result.broken.length + result.documents.length).toBeGreaterThan(0);
      }),
    );
  });

  it('any mix of pieces of JSON never throws, and is the same in any chunks', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '"',
      ',',
      ':',
      '\n',
      '\\',
      '1',
      ' ',
      '"name":"a"',
      '"scenarios":[',
      '{"name":"b"}',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), sizes, (pieces, cuts) => {
        expect(split(pieces.join(''), cuts)).toEqual(split(pieces.join('')));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('limits', () => {
  it('passes over a run that is too long to hold, and goes on behind it', () => {
    const long = JSON.stringify({ name: 'long', power_watts: Array(1000).fill(1.5), x: { y: [] } });
    const written = `{"scenarios":[{"name":"a"},${long},{"name":"b"}]}`;
    const { runs, broken } = split(written, [64], { maxValueBytes: 200 });
    expect(runs).toEqual([{ name: 'a' }, { name: 'b' }]);
    expect(broken).toEqual(['a run is longer than 200 bytes']);
  });

  it('are the same where a run comes at once', () => {
    const long = JSON.stringify({ name: 'long', power_watts: Array(100).fill(1.5) });
    const { runs, broken } = split(`[{"name":"a"},${long},{"name":"b"}]`, undefined, { maxValueBytes: 200 });
    expect(runs).toEqual([{ name: 'a' }, { name: 'b' }]);
    expect(broken).toEqual(['a run is longer than 200 bytes']);
  });

  it('passes over a run that is nested too deep, and goes on behind it', () => {
    const deep = `{"name":"deep","x":${'[{"y":'.repeat(100_000)}1${'}]'.repeat(100_000)}}`;
    const { runs, broken } = split(`[{"name":"a"},${deep},{"name":"b"}]`, [1000]);
    expect(runs).toEqual([{ name: 'a' }, { name: 'b' }]);
    expect(broken).toEqual(['a run is nested deeper than 256 levels']);
  });
});
