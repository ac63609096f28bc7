import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { expect, it } from 'vitest';
import { columnNames, columns, isNullable, problemsOf, type Row } from './column-rules.ts';
import { csvFormat, parquetFormat, plainCsvFormat } from './file-formats.ts';
import { schemaId } from './metadata.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => value.trim() !== '');
const decimal = fc
  .double({ noNaN: true, noDefaultInfinity: true })
  .filter((value) => value === 0 || Math.abs(value) > 1e-80);
const second = fc
  .integer({ min: 0, max: 4e9 })
  .map((time) => new Date(time * 1000).toISOString().replace('.000Z', 'Z'));
const json = fc.dictionary(fc.string(), fc.oneof(text, fc.boolean(), fc.integer())).map((tags) => JSON.stringify(tags));
const values = { DECIMAL: decimal, DATETIME: second, STRING: text, JSON: json } as const;

/** Any values of the right types: what is written is read back, whatever the rules between columns say of it. */
const row = fc.record(
  Object.fromEntries(
    columnNames.map((name) => {
      const value: fc.Arbitrary<unknown> = values[columns[name].dataType];
      return [name, isNullable(name) ? fc.option(value) : value];
    }),
  ),
) as unknown as fc.Arbitrary<Row>;

/** Neither format must distinguish 0 from -0. */
const plain = (rows: readonly object[]) =>
  rows.map((one) => Object.fromEntries(Object.entries(one).map(([key, value]) => [key, value === 0 ? 0 : value])));

it('reads back from either format what was written, to the last digit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
      for (const format of [csvFormat, plainCsvFormat, parquetFormat]) {
        expect(plain(await format.decode(format.encode(rows)))).toEqual(plain(rows));
      }
    }),
    { numRuns: 50 },
  );
});

it('writes CSV with a header, numbers without exponents, and nothing for null', () => {
  const [one] = fc.sample(row, 1) as [Row];
  const content = csvFormat.encode([
    { ...one, BilledCost: 7.5e-9, EffectiveCost: -1.25e21, Tags: null, x_RunId: 'a,"b"' },
  ]);
  const csv = Buffer.from(content).toString();
  expect(csv.split('\n')[0]).toBe(columnNames.join(','));
  expect(csv.slice(csv.indexOf('\n') + 1)).toMatch(/^0\.0000000075,/);
  expect(csv).toContain(',-1250000000000000000000,');
  expect(csv.trimEnd().endsWith('"a,""b"""')).toBe(true);
});

it('has no cell in CSV that a spreadsheet would carry out, and reads back what it was', async () => {
  const formulas = [
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    "'=1",
    "''=1",
    '＝1',
    '=HYPERLINK("http://evil.example";"x")',
  ];
  const harmless = ["it's", 'a=b', "'quoted'", '1-1'];
  const [one] = fc.sample(row, 1) as [Row];
  const rows = [...formulas, ...harmless].map((value) => ({ ...one, EffectiveCost: -1.5, ServiceName: value }));
  const cells = parse(Buffer.from(csvFormat.encode(rows)), { columns: true }) as Record<string, string>[];
  expect(cells.map(({ ServiceName }) => ServiceName)).toEqual([...formulas.map((value) => `'${value}`), ...harmless]);
  expect(cells[0]?.EffectiveCost).toBe('-1.5');
  expect(plain(await csvFormat.decode(csvFormat.encode(rows)))).toEqual(plain(rows));
  const asTheyAre = parse(Buffer.from(plainCsvFormat.encode(rows)), { columns: true }) as Record<string, string>[];
  expect(asTheyAre.map(({ ServiceName }) => ServiceName)).toEqual([...formulas, ...harmless]);
});

it('says in Parquet of which version of FOCUS the columns are, and which may be null', () => {
  const rows = fc.sample(row, 3);
  const { key_value_metadata, schema, num_rows } = parquetMetadata(new Uint8Array(parquetFormat.encode(rows)).buffer);
  expect(key_value_metadata).toEqual([
    { key: 'FocusVersion', value: '1.2' },
    { key: 'SchemaId', value: schemaId },
  ]);
  expect(num_rows).toBe(3n);
  const elements = Object.fromEntries(schema.slice(1).map(({ name, repetition_type }) => [name, repetition_type]));
  const wanted = columnNames.map((name) => [name, isNullable(name) ? 'OPTIONAL' : 'REQUIRED']);
  expect(elements).toEqual(Object.fromEntries(wanted));
});

it('reads what lacks a column as null, which the rules then refuse', async () => {
  const [record] = await csvFormat.decode(Buffer.from('BilledCost,Colour\n0.5,red\n'));
  expect(record).toMatchObject({ BilledCost: 0.5, x_RunId: null });
  expect(record).not.toHaveProperty('Colour');
  expect(problemsOf(record)).not.toEqual([]);
});
