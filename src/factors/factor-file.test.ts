import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { type FactorFileOptions, readFactorFile } from './factor-file.ts';
import { quantityUnits } from './units.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

async function read(name: string, text: string, options: Partial<FactorFileOptions> = {}) {
  await folder.write({ [name]: text });
  return readFactorFile(join(folder.path, name), {
    units: quantityUnits.price,
    unit: undefined,
    timeZone: undefined,
    area: undefined,
    ...options,
  });
}

/** What a file is refused with, each line without the folder. */
async function refusal(name: string, text: string, options?: Partial<FactorFileOptions>): Promise<string[]> {
  const error = await read(name, text, options).then(
    (periods) => expect.fail(`took ${JSON.stringify(periods)}`),
    (reason: Error) => reason,
  );
  return error.message.split('\n').map((line) => line.replace(`${folder.path}/`, ''));
}

/** Neither CSV nor JSON is written with a negative zero. */
const withoutSign = (value: number) => (value === 0 ? 0 : value);
const hour = 3600;
const noon = Date.parse('2026-07-01T12:00Z') / 1000;

describe('a CSV file', () => {
  it('has rows that hold until the next, the last as long as the one before', async () => {
    const text = 'from,usd_per_kwh\n2026-07-01T12:00Z,0.1\n2026-07-01T15:00:00+02:00,0.2\n';
    expect(await read('a.csv', text)).toEqual([
      { from: noon, to: noon + hour, value: 0.1 },
      { from: noon + hour, to: noon + 2 * hour, value: 0.2 },
    ]);
  });

  it('may state when a row ends, and leave gaps', async () => {
    const text = `\uFEFFto, value ,from\r\n${noon + 10},1,${noon}\r\n\r\n"${noon + 99.5}",-2.5,${noon + 20}\r\n`;
    expect(await read('a.csv', text, { unit: 'usd_per_kwh' })).toEqual([
      { from: noon, to: noon + 10, value: 1 },
      { from: noon + 20, to: noon + 99.5, value: -2.5 },
    ]);
  });

  it('ends where a row has no value', async () => {
    const text = `from,usd_per_kwh\n${noon},1\n${noon + 5},\n${noon + 7},3\n${noon + 8},\n`;
    expect(await read('a.csv', text)).toEqual([
      { from: noon, to: noon + 5, value: 1 },
      { from: noon + 7, to: noon + 8, value: 3 },
    ]);
  });

  it('may be in another unit', async () => {
    const text = (unit: string) => `from,to,${unit}\n0,1,125\n`;
    const value = async (unit: string, options?: Partial<FactorFileOptions>) =>
      (await read('a.csv', text(unit), options))[0]?.value;
    expect(await value('usd_per_mwh')).toBe(0.125);
    expect(await value('g_per_kwh', { units: quantityUnits.intensity })).toBe(0.125);
    expect(await value('value', { units: quantityUnits.intensity, unit: 'g_per_kwh' })).toBe(0.125);
    expect(await value('kg_per_kwh', { units: quantityUnits.intensity, unit: 'g_per_kwh' })).toBe(125);
  });

  it('has dates in the time zone of the configuration', async () => {
    const text = 'from,to,usd_per_kwh\n2026-07-01,2026-07-02,1';
    expect((await read('a.csv', text, { timeZone: 'Europe/Berlin' }))[0]).toEqual({
      from: noon - 14 * hour,
      to: noon + 10 * hour,
      value: 1,
    });
  });

  it.each([
    ['no header', '', ['1: there is no header; HEADER']],
    ['no value', 'from,to\n', ['1: found `from`, `to`; HEADER']],
    ['no start', 'time,usd_per_kwh\n0,1', ['1: found `time`, `usd_per_kwh`; HEADER']],
    ['no unit', 'from,value\n0,1', ['1: found `from`, `value`; HEADER']],
    ['two values', 'from,usd_per_kwh,usd_per_mwh\n', ['1: found `from`, `usd_per_kwh`, `usd_per_mwh`; HEADER']],
    ['a column twice', 'from,from,usd_per_kwh\n', ['1: found `from`, `from`, `usd_per_kwh`; HEADER']],
    ['a column too many', 'from,usd_per_kwh,\n0,1,', ['1: found `from`, `usd_per_kwh`, ``; HEADER']],
    ['no rows', 'from,usd_per_kwh\n', [' there are no rows']],
    ['a cell too many', 'from,usd_per_kwh\n0,1\n1,0,31\n', ['3: Invalid Record Length: expect 2, got 3 on line 3']],
    [
      'an open quote',
      'from,usd_per_kwh\n0,"1\n',
      [/^2: Quote Not Closed: the parsing is finished with an opening quote/],
    ],
    [
      'what is no number',
      'from,to,usd_per_kwh\n0,1,NaN\n\n1,2,cheap\n2,3,Infinity\n3,4,"0,31"\n',
      ['NaN', 'cheap', 'Infinity', '0,31'].map(
        (text, i) =>
          `${[2, 4, 5, 6][i]}: \`usd_per_kwh\` is "${text}"; expected a number, or nothing where it is unknown`,
      ),
    ],
    [
      'what is no time',
      'from,to,usd_per_kwh\n2026-07-01T12:00,,1\n2026-02-30,,1\n,,1\n0,soon,1\n1766947958000,,1\n',
      [
        '2: `from` is "2026-07-01T12:00", a local time; expected `time_zone` beside `file`, or a time with its offset',
        '3: `from` is "2026-02-30"; MOMENT',
        '4: `from` is missing; MOMENT',
        '5: `to` is "soon"; MOMENT',
        '6: `from` is "1766947958000"; MOMENT',
      ],
    ],
    [
      'a row that ends before it begins',
      'from,to,usd_per_kwh\n9,9,1',
      ['2: `to` is not after `from`; expected a later time'],
    ],
    [
      'rows that overlap',
      'from,to,usd_per_kwh\n40,50,1\n0,11,1\n10,20,1\n40,,1\n',
      [
        '4: it begins before what line 3 states has ended; expected times that do not overlap',
        '5: it begins before what line 2 states has ended; expected times that do not overlap',
      ],
    ],
    [
      'two rows of the same time',
      'from,usd_per_kwh\n0,1\n5,2\n0,3\n',
      ['4: it begins before what line 2 states has ended; expected times that do not overlap'],
    ],
    [
      'one row without end',
      'from,usd_per_kwh\n0,1',
      ['2: nobody knows until when it holds; expected `to` in a single row'],
    ],
    [
      'more than ten problems',
      `from,to,usd_per_kwh\n${'0,1,x\n'.repeat(12)}`,
      [...Array.from({ length: 10 }, (_, i) => expect.stringContaining(`${i + 2}: `)), ' and 2 more'],
    ],
  ])('is refused with its lines for %s', async (_, text, expected) => {
    const header =
      'expected `from`, optionally `to`, and one of `usd_per_kwh`, `usd_per_mwh`, or `value` with its `unit` in the configuration';
    const moment =
      'expected a date such as 2026-07-01, or a time with its offset such as 2026-07-01T00:00:00+02:00, or seconds since 1970';
    const full = expected.map((line) => {
      if (line instanceof RegExp) return expect.stringMatching(new RegExp(line.source.replace('^', '^a.csv:')));
      return typeof line === 'string' ? `a.csv:${line.replace('HEADER', header).replace('MOMENT', moment)}` : line;
    });
    expect(await refusal('a.csv', text)).toEqual(full);
  });

  it('is refused for negative values of what has none', async () => {
    expect(await refusal('a.csv', 'from,to,kg_per_kwh\n0,1,-0.1', { units: quantityUnits.intensity })).toEqual([
      'a.csv:2: `kg_per_kwh` is -0.1; expected a number of at least 0',
    ]);
  });

  it('is refused where it cannot be read', async () => {
    const options = { units: quantityUnits.price, unit: undefined, timeZone: undefined, area: undefined };
    await expect(readFactorFile(join(folder.path, 'none.csv'), options)).rejects.toThrow(
      /none\.csv cannot be read: ENOENT: no such file/,
    );
  });
});

describe('a JSON file', () => {
  it('has the same rows as objects', async () => {
    const rows = [
      { from: '2026-07-01T13:00Z', usd_per_kwh: 0.2 },
      { from: noon, value: 0.1, to: null },
      { from: noon + 2 * hour, value: null },
    ];
    expect(await read('a.json', `\uFEFF${JSON.stringify(rows)}`, { unit: 'usd_per_kwh' })).toEqual([
      { from: noon, to: noon + hour, value: 0.1 },
      { from: noon + hour, to: noon + 2 * hour, value: 0.2 },
    ]);
  });

  it.each([
    ['what is no JSON', '[\n {"from": 0,}\n]', [/^2: this is no JSON: /]],
    ['an end that is missing', '[', [/^(1:)? this is no JSON: /]],
    [
      'no list',
      '{}',
      [
        '1: expected a list of objects; expected `from`, optionally `to`, and one of `usd_per_kwh`, `usd_per_mwh`, or `value` with its `unit` in the configuration',
      ],
    ],
    ['an empty list', '[]', [' there are no rows']],
    ['what is no object', '[\n  {"from": 0, "to": 1, "usd_per_kwh": 1},\n  7\n]', [/^3: found nothing; /]],
    [
      'a key that is not known',
      '[\n{"from": 0, "to": 1,\n"usd_per_kwh": 1}, {"from": 1, "til": 2, "usd_per_kwh": 1}]',
      [/^3: found `from`, `til`, `usd_per_kwh`; /],
    ],
    [
      'values that are none',
      '[\n{"from": 0, "to": 1, "usd_per_kwh": "NaN"},\n{"from": true, "usd_per_kwh": 1},\n{"from": 1, "usd_per_kwh": []},\n{"from": " ", "usd_per_kwh": 1}]',
      [/^2: `usd_per_kwh` is "NaN"; /, /^3: `from` is true; /, /^4: `usd_per_kwh` is a list; /, /^5: `from` is " "; /],
    ],
    [
      'rows that overlap',
      '[\n{"from": 0, "to": 2, "usd_per_kwh": 1},\n\n{"from": 1, "to": 2, "usd_per_kwh": 1}]',
      ['4: it begins before what line 2 states has ended; expected times that do not overlap'],
    ],
  ])('is refused with its lines for %s', async (_, text, expected) => {
    const lines = await refusal('a.json', text);
    expect(lines.map((line) => line.replace('a.json:', ''))).toEqual(
      expected.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))),
    );
  });
});

it('shows no more of a value than its beginning, and the line of an item wherever its brackets and strings are', async () => {
  const moment = 'expected a date such as 2026-07-01, or a time with its offset such as 2026-07-01T00:00:00+02:00';
  const long = `from,usd_per_kwh\n${'x'.repeat(100_000)},1\n1,2\n`;
  expect((await refusal('a.csv', long))[0]).toBe(
    `a.csv:2: \`from\` is "${'x'.repeat(59)}…; ${moment}, or seconds since 1970`,
  );
  const [quote = ''] = await refusal('a.csv', `from,usd_per_kwh\n${'x'.repeat(100_000)}",1\n`);
  expect(quote).toMatch(/^a\.csv:2: Invalid Opening Quote: .{1,100}…$/);
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const list = `[\n{"from": 1,\n"to": 2, "usd_per_kwh": 1},\n {"from": ["}],\\"{",\n ${deep}], "usd_per_kwh": 1},\n{"from": "y", "usd_per_kwh": 1}]`;
  expect(await refusal('a.json', list)).toEqual([
    `a.json:4: \`from\` is a list; ${moment}, or seconds since 1970`,
    `a.json:6: \`from\` is "y"; ${moment}, or seconds since 1970`,
  ]);
});

it('gives the same for any order of rows, as CSV and as JSON', async () => {
  const rows = fc
    .uniqueArray(fc.integer({ min: 0, max: 4e9 }), { minLength: 2, maxLength: 40 })
    .map((times) => times.sort((a, b) => a - b))
    .chain((times) => {
      const value = fc.option(fc.double({ min: -10, max: 10, noNaN: true }).map(withoutSign), {
        nil: undefined,
        freq: 5,
      });
      const ends = fc.option(fc.double({ min: 0.01, max: 1, noNaN: true }), { nil: undefined });
      return fc.tuple(
        fc.constant(times),
        fc.array(fc.tuple(value, ends), { minLength: times.length, maxLength: times.length }),
      );
    })
    .map(([times, more]) =>
      times.slice(0, -1).map((from, i) => {
        const next = times[i + 1] as number;
        const [value, share] = more[i] as [number | undefined, number | undefined];
        // The last row states its end.
        const to = share !== undefined ? from + (next - from) * share : i === times.length - 2 ? next : undefined;
        return { from, to, value, ends: to ?? next };
      }),
    );
  await fc.assert(
    fc.asyncProperty(rows, fc.infiniteStream(fc.nat()), async (sorted, order) => {
      const expected = sorted.flatMap(({ from, ends, value }) =>
        value === undefined ? [] : [{ from, to: ends, value }],
      );
      const keys = order.take(sorted.length);
      const shuffled = [...keys].map((key, i) => [key, sorted[i]] as const).sort(([a], [b]) => a - b);
      const lines = shuffled.map(([, row]) => `${row?.from},${row?.to ?? ''},${row?.value ?? ''}`);
      expect(await read('a.csv', `from,to,usd_per_kwh\n${lines.join('\n')}\n`)).toEqual(expected);
      const items = shuffled.map(([, row]) => ({ from: row?.from, to: row?.to, usd_per_kwh: row?.value ?? null }));
      expect(await read('a.json', JSON.stringify(items))).toEqual(expected);
    }),
  );
});
