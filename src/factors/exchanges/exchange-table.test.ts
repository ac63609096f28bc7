import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exchangeFiles, type PricePeriod, periodsBetween, startOfDay } from '../../../test/kit/exchange-files.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { readFactorFile, type ValuePeriod } from '../factor-file.ts';
import { quantityUnits } from '../units.ts';
import { exchangeTable } from './exchange-table.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

interface Entry {
  readonly time_zone?: string | undefined;
  readonly area?: string | undefined;
  readonly unit?: string | undefined;
}

/** Prices as they stand in the file. */
const units = { ...quantityUnits.price, fileUnits: { usd_per_mwh: 1 } };

async function read(text: string, entry: Entry = {}, name = 'a.csv'): Promise<ValuePeriod[]> {
  await folder.write({ [name]: text });
  const { time_zone: timeZone, area, unit } = entry;
  return readFactorFile(join(folder.path, name), { units, unit, timeZone, area });
}

/** What a file is refused with, each line without the folder. */
async function refusal(text: string, entry?: Entry): Promise<string[]> {
  const error = await read(text, entry).then(
    (periods) => expect.fail(`took ${JSON.stringify(periods)}`),
    (reason: Error) => reason,
  );
  return error.message.split('\n').map((line) => line.replace(`${folder.path}/a.csv:`, ''));
}

/** The start of an hour of UTC, in seconds since 1970. */
const utc = (hour: string) => Date.parse(`${hour}:00Z`) / 1000;
const known = (periods: readonly PricePeriod[]) =>
  periods.flatMap(({ from, to, price }) => (price === undefined ? [] : [{ from, to, value: price }]));
const days = fc.oneof(
  fc.constantFrom('2026-03-28', '2026-03-29', '2026-10-24', '2026-10-25', '2025-09-30', '2026-12-31'),
  fc
    .date({ min: new Date('2015-01-01'), max: new Date('2032-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
);
const price = fc.option(
  fc.integer({ min: -50_000, max: 400_000 }).map((cents) => cents / 100),
  { nil: undefined, freq: 9 },
);
const dayAfter = (date: string) => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);

describe.each(exchangeFiles)('$name', ({ shortest, isMixed, entry, write }) => {
  it('has the same prices when it is read as when it was written', async () => {
    const lengths =
      shortest === 3600 ? fc.constant([3600, 3600]) : fc.constantFrom([3600, 3600], [900, 900], [3600, 900]);
    await fc.assert(
      fc.asyncProperty(days, lengths, fc.infiniteStream(price), async (first, [one = 0, other = 0], prices) => {
        const [begin, middle, end] = [first, dayAfter(first), dayAfter(dayAfter(first))].map(startOfDay) as [
          number,
          number,
          number,
        ];
        const next = () => prices.next().value;
        const periods = [
          ...periodsBetween(begin, middle, isMixed ? one : other, next),
          ...periodsBetween(middle, end, other, next),
        ];
        expect(await read(write(periods, 'USD'), entry)).toEqual(known(periods));
      }),
      { numRuns: 40 },
    );
  });

  it.each(['EUR', 'SEK', 'USD'])('says that its prices are in %s', (currency) => {
    const text = write(
      periodsBetween(startOfDay('2026-07-01'), startOfDay('2026-07-02'), 3600, () => 1),
      currency,
    );
    const { time_zone: timeZone, area } = entry;
    const table = exchangeTable(text, { timeZone, area });
    expect(new Set(table?.rows.map(({ unit }) => unit))).toEqual(new Set([`${currency.toLowerCase()}_per_mwh`]));
  });

  it('is refused in a currency that is not converted', async () => {
    const periods = periodsBetween(startOfDay('2026-07-01'), startOfDay('2026-07-02'), 3600, () => 1);
    const [problem] = await refusal(write(periods, 'XQQ'), entry);
    expect(problem).toMatch(
      /^\d: the values are in `xqq_per_mwh`, which is not converted to USD\/kWh; expected one of `usd_per_mwh`$/,
    );
  });
});

describe('a file of the Transparency Platform', () => {
  const header = '"MTU (CET/CEST)","Area","Sequence","Day-ahead Price (USD/MWh)"';
  const row = (mtu: string, price: string | number, area = 'BZN|FR', sequence = 'Without Sequence') =>
    `"${mtu}","${area}","${sequence}","${price}"`;

  it('says whose clocks its times go by, whatever the configuration says', async () => {
    const text = (zone: string) =>
      [header.replace('CET/CEST', zone), row('01/07/2026 00:00:00 - 01/07/2026 01:00:00', -1.5)].join('\n');
    const begins = async (zone: string) => (await read(text(zone), { time_zone: 'Asia/Tokyo' }))[0]?.from;
    expect(await begins('UTC')).toBe(utc('2026-07-01T00'));
    expect(await begins('CET/CEST')).toBe(utc('2026-06-30T22'));
    expect(await begins('EET/EEST')).toBe(utc('2026-06-30T21'));
    expect(await refusal(text('CET'), { time_zone: 'Europe/Helsinki' })).toEqual([
      '1: `MTU (CET)` is not what clocks of Europe/Helsinki show; expected `time_zone` beside `file` to be that of the exchange, such as Europe/Stockholm',
    ]);
    expect(await refusal(text('CET'))).toEqual([
      '1: `MTU (CET)` has local times; expected `time_zone` beside `file` to be that of the exchange, such as Europe/Stockholm',
    ]);
  });

  it('has the hour twice that clocks repeat, which it may name', async () => {
    const rows = [
      row('25/10/2026 01:00:00 - 25/10/2026 02:00:00', 1),
      row('25/10/2026 02:00:00 - 25/10/2026 03:00:00', 2),
      row('25/10/2026 02:00:00 - 25/10/2026 03:00:00', 3),
      row('25/10/2026 03:00:00 - 25/10/2026 04:00:00', 4),
    ];
    const expected = [1, 2, 3, 4].map((value, index) => {
      const from = utc('2026-10-24T23') + 3600 * index;
      return { from, to: from + 3600, value };
    });
    expect(await read([header, ...rows].join('\n'))).toEqual(expected);
    const named = rows.map((text, index) =>
      text.replaceAll('02:00:00', `02:00:00 (${index < 2 ? 'CEST' : 'CET'})`).replace('03:00:00"', '03:00:00 (CET)"'),
    );
    named[1] = row('25/10/2026 02:00:00 (CEST) - 25/10/2026 02:00:00 (CET)', 2);
    expect(await read([header, ...named].join('\n'))).toEqual(expected);
    expect(await refusal([header, ...rows.slice(0, 2)].join('\n'))).toEqual([
      '3: `MTU (CET/CEST)` is "25/10/2026 02:00:00", a time that the clocks of Europe/Brussels show twice; expected two rows that begin then, the earlier first',
    ]);
  });

  it('leaves out what it does not know, and fills no hour that is missing', async () => {
    const rows = [
      row('01/07/2026 00:00:00 - 01/07/2026 01:00:00', 1),
      row('01/07/2026 02:00:00 - 01/07/2026 03:00:00', 2),
      row('01/07/2026 03:00:00 - 01/07/2026 04:00:00', 'n/e'),
      row('01/07/2026 04:00:00 - 01/07/2026 05:00:00', '-'),
    ];
    expect((await read([header, ...rows].join('\n'))).map(({ from, to }) => [from, to])).toEqual([
      [utc('2026-06-30T22'), utc('2026-06-30T23')],
      [utc('2026-07-01T00'), utc('2026-07-01T01')],
    ]);
  });

  it('has the prices of one area and sequence, by any of its names', async () => {
    const mtu = '01/07/2026 00:00:00 - 01/07/2026 01:00:00';
    const text = [
      header,
      row(mtu, 1),
      row(mtu, 2, 'BZN|DE-LU', 'Sequence 1'),
      row(mtu, 3, 'BZN|DE-LU', 'Sequence 2'),
    ].join('\n');
    const priceIn = async (area: string) => (await read(text, { area }))[0]?.value;
    expect(await priceIn('FR')).toBe(1);
    expect(await priceIn('BZN|FR')).toBe(1);
    expect(await priceIn('DE-LU/1')).toBe(2);
    expect(await priceIn('BZN|DE-LU/2')).toBe(3);
    expect(await refusal(text)).toEqual([
      '1: it has prices of more than one area; expected `area` beside `file`, one of `BZN|FR`, `BZN|DE-LU/1`, `BZN|DE-LU/2`',
    ]);
    expect(await refusal(text, { area: 'DE-LU' })).toEqual([
      '1: it has prices of more than one area; expected `area` beside `file`, one of `BZN|DE-LU/1`, `BZN|DE-LU/2`',
    ]);
    expect(await refusal(text, { area: 'SE3' })).toEqual([
      '1: it has no area "SE3"; expected `area` to be one of `BZN|FR`, `BZN|DE-LU/1`, `BZN|DE-LU/2`',
    ]);
  });

  it('has no intraday prices in place of those of the day before', async () => {
    const mtu = '"01/07/2026 00:00:00 - 01/07/2026 01:00:00","BZN|IE","Without Sequence"';
    const text = `${header},"Intraday Period (CET/CEST)","Intraday Price (USD/MWh)"\n${mtu},"1","",""\n${mtu},"","x","2"\n`;
    expect((await read(text)).map(({ value }) => value)).toEqual([1]);
  });

  const mtu = (from: string, to: string) => `01/07/2026 ${from}:00 - 01/07/2026 ${to}:00`;
  it.each([
    [
      'another number of cells',
      [row(mtu('00:00', '01:00'), 1), '"x","BZN|FR"'],
      '3: Invalid Record Length: expect 4, got 2 on line 3',
    ],
    [
      'text in a price',
      [row(mtu('00:00', '01:00'), 1), row(mtu('01:00', '02:00'), 'free')],
      '3: `Day-ahead Price (USD/MWh)` is "free"; expected a number, or nothing where it is unknown',
    ],
    [
      'an hour twice where clocks do not repeat it',
      [row(mtu('00:00', '01:00'), 1), row(mtu('00:00', '01:00'), 2)],
      '3: it begins before what line 2 states has ended; expected times that do not overlap',
    ],
    [
      'a price in the hour that clocks skip',
      [row('29/03/2026 02:00:00 - 29/03/2026 03:00:00', 1)],
      '2: `MTU (CET/CEST)` is "29/03/2026 02:00:00", a time that the clocks of Europe/Brussels skip; expected no value then',
    ],
    [
      'the name of another clock',
      [row('01/07/2026 00:00:00 (CET) - 01/07/2026 01:00:00 (CET)', 1)],
      '2: `MTU (CET/CEST)` is "01/07/2026 00:00:00 (CET)", which no clock of Europe/Brussels shows',
    ],
    [
      'the name of a clock that nobody knows',
      [row('01/07/2026 00:00:00 (XYZ) - 01/07/2026 01:00:00 (XYZ)', 1)],
      '2: `MTU (CET/CEST)` is "01/07/2026 00:00:00 (XYZ)"; expected a time such as 29.03.2026 01:00',
    ],
    [
      'the month first',
      [row('07/31/2026 00:00:00 - 07/31/2026 01:00:00', 1)],
      '2: `MTU (CET/CEST)` is "07/31/2026 00:00:00"; expected a time such as 29.03.2026 01:00',
    ],
    ['no end', [row('01/07/2026 00:00:00', 1)], '2: `MTU (CET/CEST)` is ""; expected a time such as 29.03.2026 01:00'],
    [
      'an end before its beginning',
      [row(mtu('01:00', '00:00'), 1)],
      '2: `MTU (CET/CEST)` is not after `MTU (CET/CEST)`; expected a later time',
    ],
    ['no rows', [], '1: there is no day-ahead price'],
  ])('is refused with its line for %s', async (_, rows, problem) => {
    expect(await refusal([header, ...rows].join('\n'))).toEqual([problem]);
  });

  it('is refused without a price, or with two', async () => {
    for (const columns of ['"Actual Total Load (MW)"', '"Day-ahead Price (USD/MWh)","Day-ahead Price (GBP/MWh)"']) {
      const [problem] = await refusal(`"MTU (UTC)",${columns}\n`);
      expect(problem).toBe(
        `1: found \`MTU (UTC)\`, ${columns.replaceAll('"', '`').replace('`,`', '`, `')}; expected one \`Day-ahead Price (EUR/MWh)\``,
      );
    }
  });
});

describe('a file of the file library', () => {
  const header = 'DateTime\tResolutionCode\tAreaCode\tAreaTypeCode\tAreaName\tMapCode\tPrice\tCurrency\tUpdateTime';
  const row = (time: string, length: string) => `${time}\t${length}\t10Y1001A1001A45N\tBZN\tSE2 BZN\tSE2\t10.5\tUSD\tx`;

  it('of the years before has a header that does not say UTC, so that the configuration does', async () => {
    const text = [header, row('2019-01-01 01:00:00.000', 'PT60M')].join('\n');
    expect(await read(text, { time_zone: 'UTC', area: 'SE2' }, 'a.tsv')).toEqual([
      { from: utc('2019-01-01T01'), to: utc('2019-01-01T02'), value: 10.5 },
    ]);
    expect(await refusal(text)).toEqual([
      '1: `DateTime` has local times; expected `time_zone` beside `file` to be that of the exchange, such as Europe/Stockholm',
    ]);
  });

  it('is refused where it is of something else', async () => {
    const text = 'DateTime(UTC)\tResolutionCode\tAreaCode\tTotalLoadValue\n2026-01-01 00:00:00\tPT60M\tx\t1\n';
    expect(await refusal(text)).toEqual([
      '1: found `DateTime(UTC)`, `ResolutionCode`, `AreaCode`, `TotalLoadValue`; expected one `Price[Currency/MWh]`',
    ]);
  });

  it('is refused with the line of a length that it cannot have', async () => {
    const text = [header, row('2019-01-01 01:00:00.000', 'P1D')].join('\n');
    expect(await refusal(text, { time_zone: 'UTC' })).toEqual([
      '2: `ResolutionCode` is "P1D"; expected one such as PT15M or PT60M',
    ]);
  });
});

describe('a file of Nord Pool', () => {
  const header = 'Delivery Start (CET);Delivery End (CET);SE3 (USD);SE4 (USD);SE3 Volume (MW)';
  const row = '01.07.2026 00:00:00;01.07.2026 00:15:00;-1,5;2,5;100';

  it('needs the area and the time zone', async () => {
    const text = `${header}\n${row}\n`;
    expect(await refusal(text, { time_zone: 'Europe/Stockholm' })).toEqual([
      '1: it has prices of more than one area; expected `area` beside `file`, one of `SE3`, `SE4`',
    ]);
    expect(await refusal(text, { area: 'SE3' })).toEqual([
      '1: `Delivery Start (CET)` has local times; expected `time_zone` beside `file` to be that of the exchange, such as Europe/Stockholm',
    ]);
    expect(await read(text, { area: 'SE3', time_zone: 'Europe/Stockholm' })).toEqual([
      { from: utc('2026-06-30T22'), to: utc('2026-06-30T22') + 900, value: -1.5 },
    ]);
  });

  it('may have commas between cells, and decimals in quotes', async () => {
    const text =
      'Elspot Prices in USD/MWh,,\n"Data was last updated",,\n,Hours,FI\n01-01-2016,00\u00A0-\u00A001,"16,39"\n';
    expect(await read(text, { time_zone: 'Europe/Oslo' })).toEqual([
      { from: utc('2015-12-31T23'), to: utc('2016-01-01T00'), value: 16.39 },
    ]);
  });

  it('is refused where its title names no currency, or an hour is none', async () => {
    const text = (hours: string) => `;Hours;FI\n01-01-2016;${hours};16,39\n`;
    expect(await refusal(text('00 - 01'), { time_zone: 'Europe/Oslo' })).toEqual([
      '2: the file does not say what its values are in; expected `unit` beside `file`, one of `usd_per_mwh`',
    ]);
    expect(await refusal(text('noon'), { time_zone: 'Europe/Oslo', unit: 'usd_per_mwh' })).toEqual([
      '2: `Hours` is "01-01-2016 noon"; expected a time such as 29.03.2026 01:00',
    ]);
  });
});

describe('a file of EPEX SPOT', () => {
  const text = (rows: string) =>
    `# Prices - Currency: USD\nDelivery day,Hour 1,Hour 2,Hour 3A,Hour 3B,Hour 4\n${rows}\n`;
  const entry = { time_zone: 'Europe/Paris' };

  it('has the hours of a day in columns', async () => {
    expect(
      (await read(text('25/10/2026,1,2,3,4,5\n29/03/2026,6,7,,,8'), entry)).map(({ from, value }) => [from, value]),
    ).toEqual([
      ...[6, 7, 8].map((value, index) => [utc('2026-03-28T23') + 3600 * index, value]),
      ...[1, 2, 3, 4, 5].map((value, index) => [utc('2026-10-24T22') + 3600 * index, value]),
    ]);
  });

  it('says which of two hours it does not know', async () => {
    const begins = async (row: string) => (await read(text(row), entry)).map(({ from }) => from);
    const [first, second] = [utc('2026-10-25T00'), utc('2026-10-25T01')];
    expect(await begins('25/10/2026,,,3,,')).toEqual([first]);
    expect(await begins('25/10/2026,,,,4,')).toEqual([second]);
  });

  it.each([
    [
      'Hour 3B where clocks repeat nothing',
      '01/07/2026,1,2,3,4,5',
      /^3: `Delivery day` is "01\/07\/2026 02:00 \(B\)", which the clocks of Europe\/Paris show once$/,
    ],
    [
      'Hour 3A where clocks skip it',
      '29/03/2026,1,2,3,,5',
      /^3: `Delivery day` is "29\/03\/2026 02:00 \(A\)", a time that .* skip;/,
    ],
    ['a day that is none', '31/06/2026,1,2,3,,5', /^3: `Delivery day` is "31\/06\/2026 00:00"; expected a time/],
  ])('is refused for %s', async (_, row, problem) => {
    const [first] = await refusal(text(row), entry);
    expect(first).toMatch(problem);
  });

  it('names no area and no time zone', async () => {
    expect(await refusal(text('01/07/2026,1,2,3,,5'), { ...entry, area: 'FR' })).toEqual([
      '2: it names no area; expected no `area` beside `file`',
    ]);
    expect(await refusal(text('01/07/2026,1,2,3,,5'))).toEqual([
      '2: `Delivery day` has local times; expected `time_zone` beside `file` to be that of the exchange, such as Europe/Stockholm',
    ]);
  });
});
