import { expect, it } from 'vitest';
import { checkValues } from '../config/check-values.ts';
import { parseYaml } from '../config/parse-yaml.ts';
import { formatProblem, type Problem } from '../errors.ts';
import { z } from '../plugin/index.ts';
import { factorSettings } from './settings.ts';

/** The problems that are found in a `price:` list, each as line:column, path and message. */
function problemsOf(text: string): string[] {
  const problems: Problem[] = [];
  const root = parseYaml(text, 'a.yaml', problems);
  const schema = z.strictObject({ price: factorSettings('price').optional() });
  const config = root && checkValues(schema, root, [], problems);
  expect(config === undefined).toBe(problems.length > 0);
  return problems.map((problem) => formatProblem(problem).replace(/^a\.yaml:| \[CONFIG_\w+\]$/g, ''));
}

it('takes values, tariffs and files', () => {
  const text = `price:
  - effective_from: 2025-01-01
    usd_per_kwh: 0.13
    source: contract 7
    year: 2025
  - effective_from: 2026-07-01
    time_zone: Europe/Berlin
    tariff:
      default: 0.31
      bands:
        - {rate: 0.22, from: "22:00", to: "06:00"}
        - {rate: 0.25, days: [sat, sun, holidays], months: [nov, dec]}
        - {rate: 0.26, from: 18:00, to: 24:00}
      holidays: [2026-12-25]
  - effective_from: 2027-01-01T00:00:00+01:00
    file: prices.csv
    unit: usd_per_mwh
  - effective_from: 2028-01-01
    file: prices.tsv
    area: SE3
    time_zone: Europe/Stockholm
`;
  expect(problemsOf(text)).toEqual([]);
});

it('says that a key is of another quantity, and what is missing', () => {
  expect(problemsOf('price: [{kg_per_kwh: 1}]')).toEqual([
    '1:10 price[0].kg_per_kwh: unknown key; known keys: effective_from, usd_per_kwh, tariff, file, unit, area, time_zone, source, year, currency, per_kwh, <currency>_per_kwh',
    '1:9 price[0]: this map is not valid; expected one of `usd_per_kwh`, `tariff` and `file`',
  ]);
});

it('knows areas of prices only', () => {
  const problems: Problem[] = [];
  const root = parseYaml('intensity: [{file: a.csv, area: SE3}]', 'a.yaml', problems);
  const schema = z.strictObject({ intensity: factorSettings('intensity') });
  expect(root && checkValues(schema, root, [], problems)).toBeUndefined();
  expect(problems.map(({ message }) => message)).toEqual([expect.stringContaining('unknown key')]);
});

const tariff = (text: string) => `price: [{time_zone: Europe/Berlin, tariff: ${text}}]`;
const band = (text: string) => tariff(`{holidays: [2026-12-25], bands: [{${text}}]}`);

it.each([
  ['price: []', '1:8 price: an empty list is not valid here; expected at least one item'],
  ['price: 0.2', '1:8 price: 0.2 is not valid here; expected a list'],
  ['price: [{usd_per_kwh: -1}]', '1:23 price[0].usd_per_kwh: -1 is not valid here; expected a number of at least 0'],
  [
    'price: [{effective_from: 2025-01-01}]',
    '1:9 price[0]: this map is not valid; expected one of `usd_per_kwh`, `tariff` and `file`',
  ],
  [
    'price: [{usd_per_kwh: 1, file: a.csv}]',
    '1:9 price[0]: this map is not valid; expected one of `usd_per_kwh`, `tariff` and `file`',
  ],
  [
    'price: [{usd_per_kwh: 1, effective_from: 2025-13-01}]',
    '1:42 price[0].effective_from: "2025-13-01" is not valid here; expected a date such as 2026-07-01, or a time with its offset such as 2026-07-01T00:00:00+02:00',
  ],
  [
    'price: [{usd_per_kwh: 1, effective_from: 2025-01-01T12:00}]',
    '1:42 price[0].effective_from: "2025-01-01T12:00" is not valid here; expected a date such as 2026-07-01, or a time with its offset such as 2026-07-01T00:00:00+02:00',
  ],
  [
    'price: [{usd_per_kwh: 1, effective_from: 2025}]',
    '1:42 price[0].effective_from: 2025 is not valid here; expected a text, in quotes: "2025"',
  ],
  [
    'price: [{usd_per_kwh: 1, time_zone: Europe/Berlinn}]',
    '1:37 price[0].time_zone: "Europe/Berlinn" is not valid here; expected the name of a time zone such as Europe/Berlin',
  ],
  [
    'price: [{usd_per_kwh: 1}, {usd_per_kwh: 2}]',
    '1:27 price[1]: this map is not valid; expected an `effective_from`: an entry before has none either',
  ],
  [
    'price: [{usd_per_kwh: 1, effective_from: 2025-01-01}, {usd_per_kwh: 2, effective_from: "2025-01-01T01:00+01:00"}]',
    '1:55 price[1]: this map is not valid; expected another `effective_from`: an entry before begins at the same time',
  ],
  [
    'price: [{file: a.xls}]',
    '1:16 price[0].file: "a.xls" is not valid here; expected a file that ends in .csv, .txt, .tsv or .json',
  ],
  [
    'price: [{file: a.csv, unit: usd_per_mw}]',
    '1:29 price[0].unit: "usd_per_mw" is not valid here; did you mean `usd_per_mwh`? expected one of usd_per_kwh, usd_per_mwh',
  ],
  ['price: [{usd_per_kwh: 1, area: SE3}]', '1:9 price[0]: this map is not valid; expected `area` only beside `file`'],
  [
    'price: [{usd_per_kwh: 1, unit: usd_per_mwh}]',
    '1:9 price[0]: this map is not valid; expected `unit` only beside `file`',
  ],
  [
    'price: [{tariff: {default: 1}}]',
    '1:9 price[0]: this map is not valid; expected a `time_zone` such as Europe/Berlin, whose clocks the tariff goes by',
  ],
  [tariff('{}'), '1:44 price[0].tariff: this map is not valid; expected a `default` rate, `bands`, or both'],
  [
    tariff('{default: 1, holidays: [12-25]}'),
    '1:68 price[0].tariff.holidays[0]: "12-25" is not valid here; expected a date such as 2026-12-25',
  ],
  [
    tariff('{bands: [{rate: 1, days: [holidays]}]}'),
    '1:44 price[0].tariff: this map is not valid; expected `holidays`, a list of dates such as 2026-12-25, since a band names them',
  ],
  [
    tariff('{bands: [{rate: 1, days: [sun]}, {rate: 2, days: [sun]}]}'),
    '1:77 price[0].tariff.bands[1]: this map is not valid; expected other days, months or hours: a band before has the same, so that this one never holds',
  ],
  [
    band('days: [sat]'),
    '1:77 price[0].tariff.bands[0].rate: the required key is missing; expected a number (The price of electricity in USD/kWh, or in `currency`, while the band holds)',
  ],
  [
    band('rate: 1, from: "7:00"'),
    '1:93 price[0].tariff.bands[0].from: "7:00" is not valid here; expected a time of day such as "07:00"',
  ],
  [
    band('rate: 1, to: "24:30"'),
    '1:91 price[0].tariff.bands[0].to: "24:30" is not valid here; expected a time of day such as "07:00"',
  ],
  [
    band('rate: 1, from: "07:00", to: "07:00"'),
    '1:77 price[0].tariff.bands[0]: this map is not valid; expected two different hours, or none for the whole day',
  ],
  [
    band('rate: 1, days: [saturday]'),
    '1:94 price[0].tariff.bands[0].days[0]: "saturday" is not valid here; expected one of sun, mon, tue, wed, thu, fri, sat, weekdays, weekend, holidays',
  ],
])('refuses %s', (text, problem) => {
  expect(problemsOf(text)).toEqual([problem]);
});

it.each([
  'price: [{eur_per_kwh: 0.31}]',
  'price: [{eur_per_mwh: 310, effective_from: 2026-01-01}]',
  'price: [{usd_per_mwh: 310}]',
  'price: [{currency: SEK, per_kwh: 1.2}]',
  'price: [{currency: SEK, sek_per_kwh: 1.2}]',
  'price: [{currency: GBP, time_zone: Europe/London, tariff: {default: 0.24}}]',
  'price: [{currency: EUR, file: a.csv, unit: eur_per_mwh}]',
  'price: [{file: a.csv, unit: nok_per_mwh}]',
])('takes any currency: %s', (text) => {
  expect(problemsOf(text)).toEqual([]);
});

it.each([
  [
    'price: [{currency: SEK, usd_per_kwh: 1}]',
    '1:20 price[0].currency: "SEK" is not valid here; expected the currency of `usd_per_kwh`, or none: two currencies contradict each other',
  ],
  [
    'price: [{currency: SEK, file: a.csv, unit: eur_per_mwh}]',
    '1:20 price[0].currency: "SEK" is not valid here; expected the currency of `unit: eur_per_mwh`, or none: two currencies contradict each other',
  ],
  [
    'price: [{per_kwh: 1}]',
    '1:9 price[0]: this map is not valid; expected a `currency` such as EUR, since `per_kwh` names none',
  ],
  [
    'price: [{eur_per_kwh: 1, usd_per_mwh: 1}]',
    '1:39 price[0].usd_per_mwh: 1 is not valid here; expected one of `eur_per_kwh` and `usd_per_mwh`',
  ],
  ['price: [{eur_per_kwh: -1}]', '1:23 price[0].eur_per_kwh: -1 is not valid here; expected a number of at least 0'],
  ['price: [{eur_per_kwh: cheap}]', '1:23 price[0].eur_per_kwh: "cheap" is not valid here; expected a number'],
  [
    'price: [{currency: euro, per_kwh: 1}]',
    '1:20 price[0].currency: "euro" is not valid here; expected a currency by its three capital letters (ISO 4217), such as EUR',
  ],
  [
    'price: [{file: a.csv, unit: eur_per_mw}]',
    '1:29 price[0].unit: "eur_per_mw" is not valid here; did you mean `eur_per_mwh`? expected one of eur_per_kwh, eur_per_mwh',
  ],
])('says what is wrong with a currency: %s', (text, problem) => {
  expect(problemsOf(text)).toEqual([problem]);
});

it('reports an unknown key beside whatever else is wrong', () => {
  expect(problemsOf('price: [{xyz_per_kwh: 1, eur_per_kwh: 2, tarif: {}, year: x}]')).toEqual([
    '1:59 price[0].year: "x" is not valid here; expected a number',
    expect.stringMatching(/^1:10 price\[0\].xyz_per_kwh: unknown key; known keys: /),
    '1:42 price[0].tarif: unknown key; did you mean `tariff`?',
  ]);
});
