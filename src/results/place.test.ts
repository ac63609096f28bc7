import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResultReader, type ResultsPlace, readResults } from './reader.ts';
import type { ParsedRun, ResultsOptions } from './run-of-fields.ts';

const options: ResultsOptions = { fallbackTime: 1_700_000_000, digests: true };

/** Reads a text that is longer at each look, and what is cut off at its end once it stays as it is. */
function readGrowing(bytes: Buffer, ends: readonly number[], given: ResultsOptions = options): ParsedRun[] {
  const runs: ParsedRun[] = [];
  let place: ResultsPlace | undefined;
  const look = (end: number): ResultReader => {
    const reader = new ResultReader(given, place);
    const more = bytes.subarray(place?.byte ?? 0, end);
    for (let part = reader.push(more); part.length; part = reader.goOn()) runs.push(...part);
    place = reader.place;
    return reader;
  };
  for (const end of ends) look(end);
  runs.push(...look(bytes.length).end());
  return runs;
}

async function readWhole(bytes: Buffer): Promise<ParsedRun[]> {
  const runs: ParsedRun[] = [];
  const chunks = async function* () {
    yield bytes;
  };
  for await (const list of readResults(chunks(), options)) runs.push(...list);
  return runs;
}

const told = (runs: readonly ParsedRun[]) =>
  runs.map(({ run, refusals, digest }) => [run?.scenario, run?.endTime, refusals, digest]);
const digestsIn = (text: string | Buffer) => readGrowing(Buffer.from(text), []).map(({ digest }) => digest);

const run = fc.record(
  { name: fc.string({ unit: 'binary' }), duration: fc.integer(), others: fc.dictionary(fc.string(), fc.jsonValue()) },
  { requiredKeys: ['name'] },
);
const layout = fc.constantFrom<(runs: unknown[]) => string>(
  (runs) => runs.map((one) => JSON.stringify(one)).join('\n'),
  (runs) => JSON.stringify(runs),
  (runs) => JSON.stringify({ test_date: '2026-01-02T03:04:05Z', scenarios: runs, more: [1, { a: 2 }] }),
  (runs) => JSON.stringify({ more: 1, scenarios: runs }, undefined, 2),
);
const text = fc.tuple(layout, fc.array(run, { maxLength: 5 })).map(([write, runs]) => write(runs));
const broken = fc.constantFrom('{"name":"x",', '}', ']', ',', 'nothing\n', '{"name":"a" "b"}', '\n{"na', '"');
const texts = fc.array(fc.oneof({ weight: 3, arbitrary: text }, broken), { minLength: 1, maxLength: 4 });
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

describe('a text that grows', () => {
  it('gives what it gives when it is read whole, wherever reading stops and goes on', async () => {
    await fc.assert(
      fc.asyncProperty(texts, cuts, async (parts, places) => {
        const bytes = Buffer.from(parts.join('\n'));
        const ends = places.map((place) => Math.floor(place * bytes.length)).sort((a, b) => a - b);
        expect(told(readGrowing(bytes, ends))).toEqual(told(await readWhole(bytes)));
      }),
    );
  });

  it('reports a run that is too long once, and goes on behind it', () => {
    const bytes = Buffer.from(`{"name":"${'x'.repeat(100)}","list":[{"a":"}"}]}\n{"name":"b"}`);
    const ends = Array.from({ length: bytes.length }, (_, end) => end);
    const runs = readGrowing(bytes, ends, { ...options, maxRunBytes: 40 });
    expect(runs.map(({ run, refusals }) => run?.scenario ?? refusals[0]?.message)).toEqual([
      'a run is longer than 40 bytes',
      'b',
    ]);
  });

  it('says whether it may end where it does', () => {
    const isComplete = (given: string) => {
      const reader = new ResultReader(options);
      reader.push(Buffer.from(given));
      return reader.isComplete;
    };
    const ended = ['{"name":"a"}', '{"name":"a"}\n', '[{"name":"a"}]', '{"scenarios":[{"name":"a"}]}', 'nothing'];
    const cut = ['', '  ', '{"name":"a"', '{"name":"a"}\n{', '[{"name":"a"}', '{"scenarios":[{"name":"a"}]', '['];
    expect(ended.map(isComplete)).toEqual(ended.map(() => true));
    expect(cut.map(isComplete)).toEqual(cut.map(() => false));
  });
});

describe('the digest of a run', () => {
  it('is that of its text, wherever it stands and however it is cut', () => {
    const one = '{"name":"a", "power_watts":[1,2],"step_seconds":1}';
    const [digest] = digestsIn(one);
    expect(digest).toMatch(/^[0-9a-f]{16}$/);
    for (const given of [`[${one}]`, `{"test_date":"2026-01-01","scenarios":[ ${one} ]}`, `\n${one}\n`])
      expect(digestsIn(given)).toEqual([digest]);
    for (let cut = 0; cut < one.length; cut++)
      expect(readGrowing(Buffer.from(`${one}\n${one}`), [cut, one.length + cut]).map((found) => found.digest)).toEqual([
        digest,
        digest,
      ]);
  });

  it('is the same for bytes that are no UTF-8, whether they are scanned or parsed', () => {
    const bytes = Buffer.concat([Buffer.from('{"name":"a'), Buffer.from([0xff]), Buffer.from('b"}')]);
    const nested = Buffer.concat([bytes.subarray(0, -1), Buffer.from(',"x":{}}')]);
    const digests = Array.from({ length: bytes.length }, (_, cut) => readGrowing(bytes, [cut])[0]?.digest);
    expect(new Set(digests).size).toBe(1);
    expect(digestsIn(nested)).not.toEqual(digestsIn(nested.toString()));
  });

  it('tells runs of a document within a list apart', () => {
    const digests = digestsIn('[{"scenarios":[{"name":"a"},{"name":"b"}]},{"name":"a"}]');
    expect(digests[0]).toBe(digests[2]);
    expect(digests[1]).not.toBe(digests[0]);
  });

  it('is left out where nobody asks for it', () => {
    const runs = readGrowing(Buffer.from('{"name":"a"}\n{"name":"b","x":{}}'), [], { fallbackTime: 0 });
    expect(runs.map(({ digest }) => digest)).toEqual([undefined, undefined]);
  });
});
