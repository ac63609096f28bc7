import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { readFactorFile, type ValuePeriod } from '../../../src/factors/factor-file.ts';
import { quantityUnits } from '../../../src/factors/units.ts';
import { exchangeFiles, periodsBetween, startOfDay } from '../../kit/exchange-files.ts';
import { hold, type Target } from '../target.ts';
import { fuzzFolder } from '../temporary.ts';

const folder = fuzzFolder();
const moment = fc.oneof(
  { weight: 3, arbitrary: fc.nat(10).map((day) => `2026-01-${String(day + 1).padStart(2, '0')}`) },
  fc.nat(10).map((hour) => 1_766_947_958 + hour * 3600),
  fc.constantFrom('2026-03-29T02:30:00+01:00', '2026-02-30', '', ' ', 'x', '-1e400', 253_402_300_800, '0x10'),
);
const value = fc.oneof(
  fc.double({ min: -1, max: 500, noNaN: true }),
  fc.constantFrom('', 'NaN', '1e400', '0x1', 'n/a'),
);
const key = fc.constantFrom('usd_per_kwh', 'usd_per_kwh', 'usd_per_mwh', 'value', 'kg_per_kwh');
const rows = fc.array(fc.tuple(moment, fc.option(moment), value), { maxLength: 6 });
const csv = fc.tuple(key, rows, fc.constantFrom('\n', '\r\n', '\n\n')).map(([unit, list, end]) => {
  return [`from,to,${unit}`, ...list.map(([from, to, one]) => `${from},${to ?? ''},${one}`)].join(end);
});
const json = fc.tuple(key, rows, fc.constantFrom(undefined, 1)).map(([unit, list, indent]) => {
  return JSON.stringify(
    list.map(([from, to, one]) => ({ from, to, [unit]: one })),
    null,
    indent,
  );
});

const days = fc.constantFrom('2026-03-29', '2026-07-01', '2026-10-25');
const published = fc
  .tuple(
    fc.constantFrom(...exchangeFiles),
    days,
    fc.constantFrom('USD', 'USD', 'EUR'),
    fc.constantFrom(1, -0.5, 1234.5),
  )
  .map(([{ write }, day, currency, one]) => {
    const from = startOfDay(day);
    return write(
      periodsBetween(from, from + 86_400, 3600, (index) => (index % 5 === 0 ? undefined : index * one)),
      currency,
    );
  });
/** What an entry would have to say of one of these. */
const areas = exchangeFiles.flatMap(({ entry: { area } }) => area?.replace('BZN|', '') ?? []);

/** Files of prices and intensities over time. */
const target: Target<ValuePeriod[]> = {
  name: 'factor-file',
  generated: fc.oneof(csv, json, published).map((text) => Buffer.from(text)),
  words: [
    ',',
    '\n',
    '"',
    '""',
    '\r',
    '\uFEFF',
    '[',
    '{',
    '}',
    'null',
    '2026-01-31',
    '1e400',
    'from,to,',
    '"from":',
    '__proto__',
    ';',
    '\t',
    '2026-10-25T02:00',
    '29.03.2026 02:00',
    ' (CEST)',
    'Hour 3B',
    'MTU (UTC),',
  ],
  growing: [
    { begin: 'from,usd_per_kwh\n', part: '17#,0.3\n' },
    { begin: 'from,usd_per_kwh\n', part: 'x,0.3\n' },
    { begin: 'from,usd_per_kwh\n"', part: 'x', end: '",0.3\n' },
    { begin: 'from', part: ',key#' },
    { part: '"' },
    { begin: '[', part: '{"from":#,"usd_per_kwh":1},', end: '{"from":1e10,"usd_per_kwh":1}]' },
    { begin: '[', part: '{"from":"x","usd_per_kwh":1},', end: '{}]' },
    { begin: '[{"from":', part: '[', end: '' },
    { begin: '[{"usd_per_kwh":1,"from":[[', part: '[],', end: '1]]}]' },
    { begin: 'Delivery Start;Delivery End;A (USD)\n', part: '25.10.2026 02:00;25.10.2026 03:00;#,5\n' },
    { begin: 'Delivery Start;Delivery End;', part: 'A# (USD);' },
    { begin: 'MTU (UTC),Area,Day-ahead Price (USD/MWh)\n', part: '01/07/2026 00:00 - 01/07/2026 01:00,A#,1\n' },
    { begin: 'Delivery day,Hour 1', part: ',Hour 3A Q2', end: '\n01/07/2026,1\n' },
  ],
  read(bytes) {
    const path = join(folder.path, /^\s*[[{]/.test(bytes.toString('latin1', 0, 10)) ? 'a.json' : 'a.csv');
    writeFileSync(path, bytes);
    return readFactorFile(path, {
      units: quantityUnits.price,
      unit: 'usd_per_mwh',
      timeZone: 'Europe/Berlin',
      area: areas.find((area) => bytes.includes(area)),
    });
  },
  isRefusal: (error) => String((error as Error).message).startsWith(`${folder.path}/a.`),
  // Ten problems, each with the path of the file.
  longestRefusal: 4000,
  check(periods) {
    let before = Number.NEGATIVE_INFINITY;
    for (const { from, to, value: one } of periods) {
      hold(
        Number.isFinite(from) && Number.isFinite(to) && Number.isFinite(one),
        () => `${one} holds from ${from} to ${to}`,
      );
      hold(before <= from && from < to, () => `${from} to ${to} comes after ${before}`);
      before = to;
    }
    return periods.length;
  },
  most: { steps: 20_000, memory: 2000, made: 1 },
  close: () => folder.remove(),
};

export default target;
