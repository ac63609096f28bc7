import { inspect } from 'node:util';
import type { Attributes } from '@opentelemetry/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsIn, type RunFacts } from '../model/run-facts.ts';
import type { Samples } from '../model/signals.ts';
import { documentTimeOf } from './document-time.ts';
import type { ResultSink } from './parts.ts';
import { parseRun, ResultReader } from './reader.ts';
import type { ParsedRun, ResultsOptions } from './run-of-fields.ts';
import { ResultSplitter } from './splitter.ts';

/**
 * How many texts each property is tried on; `SCANNED_TEXTS` may ask for more. 1000 of them are 20,000 runs and broken
 * places, of which 7,000 are scanned.
 */
const numRuns = Number(process.env.SCANNED_TEXTS ?? 2000);
const options: ResultsOptions = { fallbackTime: 1_700_000_000 };

/** What `JSON.parse` makes of each run of the text. */
function parsed(bytes: Uint8Array, given: ResultsOptions): ParsedRun[] {
  const runs: ParsedRun[] = [];
  let { fallbackTime } = given;
  const sink: ResultSink = {
    run: (value) => runs.push(parseRun(value, { ...given, fallbackTime })),
    broken: (item, message) => runs.push({ refusals: [{ item, reason: 'malformed', message }] }),
    document: (fields) => {
      const time = documentTimeOf(fields);
      if (typeof time === 'object') runs.push(time);
      fallbackTime = typeof time === 'number' ? time : given.fallbackTime;
    },
  };
  const splitter = new ResultSplitter(sink);
  splitter.push(bytes);
  splitter.end();
  return runs;
}

/** What the reader makes of it, in pieces of the given sizes in turn. */
function read(bytes: Uint8Array, sizes: readonly number[], given: ResultsOptions) {
  const reader = new ResultReader(given);
  const runs: ParsedRun[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] as number;
    runs.push(...reader.push(bytes.subarray(at, at + size)));
    at += size;
  }
  runs.push(...reader.end());
  return { runs, count: reader.count };
}

/** Expects the same runs and refusals of both, in the same order and to the bit; returns how many were scanned. */
function expectSame(text: string | Uint8Array, sizes: readonly number[] = [1 << 20], given = options) {
  const bytes = Buffer.from(text);
  const { runs, count } = read(bytes, sizes, given);
  expect(runs.map(inFull)).toEqual(parsed(bytes, given).map(inFull));
  return count;
}

function inFull({ run: read, refusals }: ParsedRun): string {
  const attributes = Object.entries(read?.attributes ?? {});
  const facts = read && factsOf(read, read.attributes);
  return JSON.stringify([refusals, attributes, facts, read?.samples.map(inNumbers)], (_, value) =>
    typeof value === 'number' && !(Number.isFinite(value) && !Object.is(value, -0))
      ? { number: inspect(value) }
      : value,
  );
}

/** What a run says of itself in fields, which is what its attributes say. */
function factsOf(read: RunFacts, attributes: Attributes): RunFacts {
  const expected = factsIn(attributes);
  const facts = Object.fromEntries(Object.keys(expected).map((name) => [name, read[name as keyof RunFacts]]));
  expect(facts).toEqual(expected);
  return expected;
}

function inNumbers({ signal, series, scope, sources }: Samples) {
  if (series.sum !== undefined) {
    expect(series.sum).toBe(series.values.reduce((before, value) => before + value, 0));
    expect(series.values.every((value) => value >= 0 && value < Number.POSITIVE_INFINITY)).toBe(true);
  }
  const offsets = Array.from(series.values, (_, index) => series.offset(index));
  const { start, step, values } = series;
  return { signal, scope, sources, start, step, values: [...values], offsets };
}

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength });
const plainNumber = fc.oneof(
  fc.integer({ min: 0, max: 400_000 }).map((thousandths) => String(thousandths / 1000)),
  fc.integer({ min: 0, max: 1000 }).map(String),
  fc.double({ min: 0, max: 1e6, noNaN: true }).map(String),
);
const anyNumber = fc.oneof(
  plainNumber,
  fc.double().map(String),
  fc
    .tuple(
      fc.constantFrom('', '', '', '-', '+'),
      fc.oneof(digits(0, 3), digits(14, 20)),
      fc.oneof(
        fc.constant(''),
        digits(0, 20).map((decimals) => `.${decimals}`),
      ),
      fc.constantFrom('', '', 'e5', 'E-3', 'e+22', 'e-22', 'e23', 'e-23', 'e-310', 'e400', 'e', 'e+', 'e007', 'f'),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom('0', '-0', '-0.0', '-0e5', '01', '00', '1.', '.5', '-', '9007199254740991', '9007199254740993'),
);
const plainText = fc.constantFrom('"a"', '"b"', '"2500k"', '"libx264"', '"us-east-1"', '""', '"größer"', '"a\\"b"');
const anyText = fc.oneof(
  plainText,
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '" "',
    '"\\u00e4"',
    '"\\u0000"',
    '"\\ud800"',
    '"\\x"',
    '"a\nb"',
    '"\t"',
    '"',
    '"\\',
    '"interval"',
    '"é',
  ),
);
const odd = fc.oneof(
  anyNumber,
  anyText,
  fc.constantFrom('null', 'true', 'false', 'nul', 'nulls', '[]', '{}', '[1,"2"]', '{"a":[]}', 'NaN', '-Infinity', ''),
);
const space = fc.constantFrom('', '', '', ' ', '\n    ', '\r\n\t', '  ');
const list = (item: fc.Arbitrary<string>, maxLength: number) =>
  fc
    .tuple(fc.array(item, { maxLength }), space, space, space)
    .map(([items, open, before, behind]) => `[${open}${items.join(`${before},${behind}`)}${open}]`);
const plainList = list(fc.oneof({ weight: 9, arbitrary: plainNumber }, fc.constant('null')), 9);
const ascending = fc.constantFrom(
  '[1,2,3]',
  '[1766947958.5, 1766947959,1766947960.25]',
  '[0.5]',
  '[-1,0]',
  '[3,2]',
  '[1,null]',
);
const anyList = fc.oneof(plainList, list(odd, 4), ascending, odd);
const rarely = (plain: fc.Arbitrary<string>, otherwise: fc.Arbitrary<string>) =>
  fc.oneof({ weight: 15, arbitrary: plain }, { weight: 1, arbitrary: otherwise });
const nothing = fc.constant('null');

/** A key of a run and a value for it. */
const entry = fc.oneof(
  fc.tuple(
    fc.constantFrom('region', 'bitrate', 'encoder', 'encoder_type'),
    rarely(fc.oneof(plainText, plainNumber, nothing), odd),
  ),
  fc.tuple(
    fc.constantFrom('start_time', 'duration', 'end_time', 'streams'),
    rarely(fc.oneof(plainNumber, nothing), odd),
  ),
  fc.tuple(fc.constantFrom('start_time', 'end_time'), fc.constantFrom('1766947958', '1766947958.125', '1766947958125')),
  fc.tuple(fc.constant('streams'), fc.constantFrom('1', '2', '-0', '-2', '1.5', '1e1')),
  fc.tuple(fc.constant('sampling'), fc.constantFrom('"instant"', '"interval"', 'null', '"mean"')),
  fc.tuple(fc.constantFrom('power_watts', 'cpu_usage_cores'), rarely(plainList, anyList)),
  fc.tuple(fc.constantFrom('power_watts', 'cpu_usage_cores'), fc.constantFrom('[1,2,3]', '[4.5, 5, 6.25]')),
  fc.tuple(fc.constant('timestamps'), rarely(ascending, anyList)),
  fc.tuple(
    fc.constantFrom('preset', 'vmaf_score', 'live', 'x y', '__proto__', '7', '', 'scenarios', 'ä', 'a\\u0062', '\\n'),
    odd,
  ),
  fc.tuple(
    fc.string({ maxLength: 3 }).map((key) => JSON.stringify(key).slice(1, -1)),
    rarely(fc.oneof(plainText, plainNumber), odd),
  ),
);

const run = fc
  .record({
    name: rarely(
      fc.oneof(
        plainText,
        fc.nat(99).map((number) => `"run ${number}"`),
      ),
      odd,
    ),
    step: rarely(fc.constantFrom('5', '0.5', '60'), odd),
    entries: fc.uniqueArray(entry, { maxLength: 9, selector: ([key]) => key }),
    again: fc.option(entry, { freq: 20 }),
    order: fc.nat(),
    gaps: fc.tuple(space, space, space, space),
  })
  .map(({ name, step, entries, again, order, gaps: [open, colon, behind, comma] }) => {
    const all = [['name', name] as const, ['step_seconds', step] as const, ...entries, ...(again ? [again] : [])];
    const turn = order % all.length;
    const turned = order % 3 === 0 ? [...all.slice(turn), ...all.slice(0, turn)] : all;
    const fields = turned.map(([key, value]) => `"${key}"${colon}:${behind}${value}`);
    return `{${open}${fields.join(`${colon},${comma}`)}${open}}`;
  });

const document = fc
  .tuple(
    fc.array(run, { maxLength: 5 }),
    fc.constantFrom('scenarios', 'dated', 'list', 'lines', 'lines', 'together', 'ending', 'list of documents'),
  )
  .map(([runs, layout]) => {
    if (layout === 'scenarios') return `{"scenarios":[${runs.join(',')}]}`;
    if (layout === 'dated') return `{"test_date": "2026-01-01T00:00:00", "scenarios": [\n${runs.join(',\n')}\n]}\n`;
    if (layout === 'ending') return `{"scenarios":[${runs.join(' , ')}],"test_date":"2026-01-02"}`;
    if (layout === 'list') return `[${runs.join(', ')}]`;
    if (layout === 'list of documents') return `[{"scenarios":[${runs.join(',')}]},${runs.join(',')}]`;
    return runs.join(layout === 'lines' ? '\n' : '');
  });
const text = fc.array(document, { minLength: 1, maxLength: 2 }).map((documents) => Buffer.from(documents.join('\n')));
const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });

/** A change of the bytes at some place: one more, one less, another one, a piece twice, or all behind it gone. */
const mutation = fc.record({
  place: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  kind: fc.constantFrom('insert', 'insert', 'delete', 'delete', 'replace', 'replace', 'replace', 'repeat', 'cut'),
  byte: fc.constantFrom(...Buffer.from('0123456789.,:-+eE"\\[]{} \n\t\0nulltrue/'), 0x80, 0xc3, 0xef, 0xff),
});

function mutate(
  bytes: Buffer,
  { place, kind, byte }: typeof mutation extends fc.Arbitrary<infer M> ? M : never,
): Buffer {
  const at = Math.floor(place * bytes.length);
  const [before, behind] = [bytes.subarray(0, at), bytes.subarray(at)];
  if (kind === 'cut') return before;
  if (kind === 'insert') return Buffer.concat([before, Buffer.of(byte), behind]);
  if (kind === 'delete') return Buffer.concat([before, behind.subarray(1)]);
  if (kind === 'repeat') return Buffer.concat([before, behind.subarray(0, byte), behind]);
  return Buffer.concat([before, Buffer.of(byte), behind.subarray(1)]);
}

describe('scanned and parsed runs are the same', () => {
  it('whatever they say, in whatever layout', () => {
    fc.assert(
      fc.property(text, (bytes) => void expectSame(bytes)),
      { numRuns },
    );
  });

  it('wherever their bytes are changed', () => {
    fc.assert(
      fc.property(text, fc.array(mutation, { minLength: 1, maxLength: 3 }), (bytes, mutations) => {
        expectSame(mutations.reduce(mutate, bytes));
      }),
      { numRuns },
    );
  });

  it('in whatever chunks, broken or not', () => {
    fc.assert(
      fc.property(text, fc.array(mutation, { maxLength: 1 }), sizes, (bytes, mutations, cuts) => {
        expectSame(mutations.reduce(mutate, bytes), cuts);
      }),
      { numRuns },
    );
  });

  it('however their samples are to be read', () => {
    fc.assert(
      fc.property(text, fc.constantFrom('instant' as const, 'interval' as const), (bytes, sampling) => {
        expectSame(bytes, [bytes.length + 1], { fallbackTime: 5.5, sampling });
      }),
      { numRuns: numRuns / 4 },
    );
  });

  it('with every number that there is', () => {
    fc.assert(
      fc.property(fc.array(anyNumber, { maxLength: 20 }), fc.array(anyNumber, { maxLength: 3 }), (numbers, few) => {
        const runs = numbers.map((number) => `{"name":"a","x":${number},"step_seconds":5,"power_watts":[1,${number}]}`);
        expectSame(`${runs.join('\n')}{"name":"b","step_seconds":1,"cpu_usage_cores":[${few}]}`);
      }),
      { numRuns },
    );
  });
});

const plain = (name: string, watts: readonly number[] = [10, 20.5, 30.25]) =>
  JSON.stringify({ name, bitrate: '2500k', start_time: 1766947958, step_seconds: 5, power_watts: watts, preset: 'x' });

describe('what is scanned', () => {
  it.each([
    ['plain runs', `{"scenarios":[${plain('a')},${plain('b')}]}`, 2],
    ['runs a line', `${plain('a')}\n${plain('b')}\n`, 2],
    ['lists of runs', `[${plain('a')}, ${plain('b')}]`, 2],
    ['keys in any order', '{"step_seconds":5,"power_watts":[1,2],"region":"x","name":"a"}', 1],
    ['any spaces', `{"scenarios": ${JSON.stringify([JSON.parse(plain('a'))], null, 4)}}`, 1],
    ['gaps', '{"name":"a","step_seconds":5,"power_watts":[1,null,2],"cpu_usage_cores":null}', 1],
    ['exponents and long numbers', '{"name":"a","step_seconds":5,"power_watts":[1e2,0.12345678901234567,-0]}', 1],
    ['times', '{"name":"a","timestamps":[1766947958.5,1766947960],"power_watts":[1,2]}', 1],
    ['a field that is refused', '{"name":"a","streams":"4"}', 1],
    ['texts with more than ASCII, and with escapes', '{"name":"größer","preset":"a\\"\\u00e4"}', 1],
  ])('is %s', (_, text, count) => {
    expect(expectSame(text)).toEqual({ scanned: count, parsed: 0 });
  });

  it('is every plain run, wherever chunks end', () => {
    const text = `{"scenarios":[${plain('a')},${plain('b')}]}\n${plain('c')}\n[${plain('d')}]`;
    for (let size = 1; size <= text.length; size++) expect(expectSame(text, [size])).toEqual({ scanned: 4, parsed: 0 });
  });

  it('says the same of text that is cut off, also where it waits for the rest of a run', () => {
    const text = `{"scenarios":[${plain('a')},${plain('b')},${plain('c')}]}`;
    for (let cut = 0; cut < text.length; cut++) {
      expectSame(text.slice(0, cut));
      expectSame(text.slice(0, cut), [Math.max(1, cut - 10), 5]);
    }
  });

  it('is lists of any length, none of which another one overwrites', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 1, 60, 500, 2047, 2048, 2049, 5000), { minLength: 1, maxLength: 8 }),
        (lengths) => {
          const text = lengths.map((length, run) =>
            plain(
              `${run}`,
              Array.from({ length }, (_, index) => (run * 10_000 + index) / 100),
            ),
          );
          expect(expectSame(text.join('\n'))).toEqual({ scanned: lengths.length, parsed: 0 });
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['a list that is no signal', '{"name":"a","hosts":["a","b"]}'],
    ['a key twice', '{"name":"a","name":"b"}'],
    ['a key that is a number', '{"name":"a","b":1,"7":2}'],
    ['a negative sample', '{"name":"a","step_seconds":5,"power_watts":[1,-1]}'],
    ['NaN', '{"name":"a","step_seconds":5,"power_watts":[1,NaN]}'],
  ])('is not %s, which JSON.parse takes', (_, text) => {
    expect(expectSame(text)).toEqual({ scanned: 0, parsed: 1 });
  });

  it('is tried twice at most, into however many pieces a run is cut', () => {
    const text = Buffer.from(`{"scenarios":[${plain('a', Array(1000).fill(1.5))}]}`);
    let tries = 0;
    const sink: ResultSink = {
      scan: (bytes) => {
        tries++;
        return ~bytes.indexOf(0);
      },
      run() {},
      broken() {},
      document() {},
    };
    const splitter = new ResultSplitter(sink);
    for (const byte of text) splitter.push(Buffer.of(byte));
    expect(tries).toBeLessThanOrEqual(3);
  });
});

it('knows the sums of even samples without gaps, also of lists that are longer than a buffer', () => {
  const list = Array.from({ length: 5000 }, (_, i) => (i % 1000) / 8);
  const bytes = Buffer.from(
    JSON.stringify({ name: 'a', step_seconds: 1, power_watts: list, cpu_usage_cores: [1, null, 2] }),
  );
  const [run] = read(bytes, [1 << 20], options).runs;
  const sums = run?.run?.samples.map(({ series }) => series.sum);
  expect(sums).toEqual([list.reduce((before, value) => before + value, 0), undefined]);
});
