import { join } from 'node:path';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { readFactorFile } from './factor-file.ts';
import { quantityUnits } from './units.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

async function read(text: string, timeZone: string | undefined = 'Europe/Berlin', name = 'a.csv') {
  await folder.write({ [name]: text });
  return readFactorFile(join(folder.path, name), {
    units: { ...quantityUnits.price, fileUnits: { usd_per_kwh: 1 } },
    unit: undefined,
    timeZone,
    area: undefined,
  });
}

async function refusal(text: string): Promise<string> {
  const error = await read(text).then(
    (periods) => expect.fail(`took ${JSON.stringify(periods)}`),
    (reason: Error) => reason,
  );
  return error.message.replaceAll(`${folder.path}/`, '');
}

const csv = (...rows: string[]) => ['from,to,usd_per_kwh', ...rows].join('\n');
const utc = (time: string) => Date.parse(`${time}Z`) / 1000;

describe('local times', () => {
  it('are those of the configured zone, and stand among others', async () => {
    const text = csv('2026-07-01T00:00,2026-07-01T01:00:00+02:00,1', '2026-07-01 01:00:00,2026-07-01 02:00,2');
    expect(await read(text)).toEqual([
      { from: utc('2026-06-30T22:00'), to: utc('2026-06-30T23:00'), value: 1 },
      { from: utc('2026-06-30T23:00'), to: utc('2026-07-01T00:00'), value: 2 },
    ]);
    const rows = JSON.stringify([{ from: '2026-01-01T00:00', to: '2026-01-01T01:00', usd_per_kwh: 1 }]);
    expect(await read(rows, 'Asia/Tokyo', 'a.json')).toEqual([
      { from: utc('2025-12-31T15:00'), to: utc('2025-12-31T16:00'), value: 1 },
    ]);
  });

  it('that clocks repeat are first the earlier, then the later', async () => {
    const text = csv('2026-10-25T01:00,,1', '2026-10-25T02:00,,2', '2026-10-25T02:00,,3', '2026-10-25T03:00,,4');
    expect((await read(text)).map(({ from }) => from)).toEqual(
      ['23:00', '24:00', '25:00', '26:00'].map((_, index) => utc('2026-10-24T23:00') + index * 3600),
    );
  });

  it('end at the clock’s time, also where a change of clocks lies between', async () => {
    const ends = async (from: string, to: string) => (await read(csv(`${from},${to},1`)))[0]?.to;
    expect(await ends('2026-10-25T00:00', '2026-10-25T06:00')).toBe(utc('2026-10-25T05:00'));
    expect(await ends('2026-10-25T01:45', '2026-10-25T02:00')).toBe(utc('2026-10-25T00:00'));
    expect(await ends('2026-03-29T00:00', '2026-03-29T06:00')).toBe(utc('2026-03-29T04:00'));
    expect(await ends('2026-03-29T01:00', '2026-03-29T02:00')).toBe(utc('2026-03-29T01:00'));
    expect(await ends('2026-03-29T01:00', '2026-03-29T03:00')).toBe(utc('2026-03-29T01:00'));
    // Half an hour is skipped and repeated there.
    const lordHowe = 'Australia/Lord_Howe';
    const rows = await read(
      csv('2026-04-05T01:30,2026-04-05T02:00,1', '2026-04-05T01:30,2026-04-05T02:00,2'),
      lordHowe,
    );
    expect(rows.map(({ from, to }) => [from, to])).toEqual([
      [utc('2026-04-04T14:30'), utc('2026-04-04T15:00')],
      [utc('2026-04-04T15:00'), utc('2026-04-04T15:30')],
    ]);
  });

  const twice =
    'a time that the clocks of Europe/Berlin show twice; expected two rows that begin then, the earlier first';
  it.each([
    ['one of two', ['2026-10-25T02:00,2026-10-25T03:00,1'], `a.csv:2: \`from\` is "2026-10-25T02:00", ${twice}`],
    [
      'two of them after what is later',
      ['2026-10-25T03:00,,1', '2026-10-25T02:00,,2', '2026-10-25T02:00,,3', '2026-10-25T01:00,,4'],
      [3, 4].map((line) => `a.csv:${line}: \`from\` is "2026-10-25T02:00", ${twice}`).join('\n'),
    ],
    [
      'three',
      ['2026-10-25T02:00,,1', '2026-10-25T02:00,,2', '2026-10-25T02:00,,3'],
      [2, 3, 4].map((line) => `a.csv:${line}: \`from\` is "2026-10-25T02:00", ${twice}`).join('\n'),
    ],
    [
      'none that there is',
      ['2026-03-29T02:30,,1', '2026-03-29T03:00,,2'],
      'a.csv:2: `from` is "2026-03-29T02:30", a time that the clocks of Europe/Berlin skip; expected no value then',
    ],
    [
      'an end that there is not',
      ['2026-03-29T01:00,2026-03-29T02:30,1'],
      'a.csv:2: `to` is not after `from`; expected a later time',
    ],
    [
      'a day that its month does not have',
      ['2026-02-29T01:00,,1', '2026-02-28T01:00,,2'],
      /^a\.csv:2: `from` is "2026-02-29T01:00"; expected a date such as/,
    ],
    [
      'the day first',
      ['05/06/2026 00:00,,1', '06/06/2026 00:00,,1'],
      /^a\.csv:2: `from` is "05\/06\/2026 00:00"; expected/,
    ],
  ])('are refused with their line for %s', async (_, rows, problem) => {
    expect(await refusal(csv(...rows))).toEqual(typeof problem === 'string' ? problem : expect.stringMatching(problem));
  });

  it('are those that clocks of any zone show, in any year', async () => {
    const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/St_Johns', 'Asia/Kolkata'];
    const begin = fc.integer({ min: utc('1999-12-30T00:00') / 900, max: utc('2035-01-03T00:00') / 900 });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...zones), begin, fc.constantFrom('T', ' '), async (zone, start, between) => {
        const clock = (time: number) =>
          Temporal.Instant.fromEpochMilliseconds(time * 1000)
            .toZonedDateTimeISO(zone)
            .toPlainDateTime()
            .toString()
            .replace('T', between);
        const times = Array.from({ length: 4 * 48 }, (_, index) => (start + index) * 900);
        const shownTwice = new Set(times.map(clock)).size < times.length;
        // A file that begins or ends within an hour that clocks repeat has one of its times once.
        fc.pre(!shownTwice || (clock(start * 900).slice(11) < '01' && times.length > 8));
        const rows = times.map((time, index) => `${clock(time)},${clock(time + 900)},${index}`);
        expect(await read(csv(...rows), zone)).toEqual(times.map((from, value) => ({ from, to: from + 900, value })));
      }),
      { numRuns: 60 },
    );
  });
});

describe('cells', () => {
  const expected = [
    { from: 0, to: 10, value: 0.5 },
    { from: 10, to: 20, value: -1234.25 },
  ];

  it.each([
    ['semicolons and decimal commas', 'from;to;usd_per_kwh\r\n0;10;0,5\r\n10;20;"-1.234,25"\r\n'],
    ['semicolons and decimal points', '\uFEFFfrom;to;usd_per_kwh\n0;10;.5\n10;20;-1234.25\n'],
    ['tabs', 'to\tfrom\tusd_per_kwh\n10\t0\t0,5\n20\t10\t-1234,25\n'],
    ['commas in quotes', '"from","to","usd_per_kwh"\n"0","10","0.5"\n"10","20","-1234.25"\n'],
  ])('may be separated by %s', async (_, text) => {
    expect(await read(text, undefined, 'a.txt')).toEqual(expected);
  });

  it('have one kind of decimals in a file', async () => {
    expect(await refusal('from;to;usd_per_kwh\n0;10;0,5\n10;20;1.5\n20;30;1.2345,5\n30;40;0.125\n')).toBe(
      [
        'a.csv:3: `usd_per_kwh` is "1.5"; expected a number, or nothing where it is unknown',
        'a.csv:4: `usd_per_kwh` is "1.2345,5"; expected a number, or nothing where it is unknown',
        'a.csv:5: `usd_per_kwh` is "0.125"; expected a number, or nothing where it is unknown',
      ].join('\n'),
    );
  });

  it('belong to no area', async () => {
    await folder.write({ 'a.csv': csv('0,1,1') });
    const options = { units: quantityUnits.price, unit: undefined, timeZone: undefined, area: 'SE3' };
    await expect(readFactorFile(join(folder.path, 'a.csv'), options)).rejects.toThrow(
      'a.csv:1: it names no area; expected no `area` beside `file`',
    );
  });
});
