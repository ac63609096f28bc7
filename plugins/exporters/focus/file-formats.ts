import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { parquetReadObjects } from 'hyparquet';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import { columnNames, columns, type DataType, FOCUS_VERSION, isNullable, type Row } from './column-rules.ts';
import { schemaId } from './metadata.ts';

/** How rows are written to a file, and read back. */
export interface FileFormat {
  readonly extension: string;
  encode(rows: readonly Row[]): Uint8Array;
  /** What stands in the file, column by column, unchecked; what a row does not have is null. */
  decode(bytes: Uint8Array): Promise<Record<string, unknown>[]>;
}

/** Every digit of a double, and no exponent. */
const expanded = new Intl.NumberFormat('en-US', { useGrouping: false, maximumFractionDigits: 100 });

/** What spreadsheets take for the beginning of a formula, behind apostrophes if there are any. */
const FORMULA = /^'*[=+\-@\t\r\n＝＋－＠]/;

/**
 * CSV by RFC 4180 with a header, in UTF-8; null is an empty field. A text that a spreadsheet would carry out as a formula has
 * an apostrophe before it, which is taken off again where the file is read here.
 */
export const csvFormat: FileFormat = csv(
  (text) => (FORMULA.test(text) ? `'${text}` : text),
  (field) => (field.startsWith("'") && FORMULA.test(field) ? field.slice(1) : field),
);

/** The same with all texts as they are, for programs. */
export const plainCsvFormat: FileFormat = csv(
  (text) => text,
  (field) => field,
);

function csv(write: (text: string) => string, read: (field: string) => string): FileFormat {
  const options = { header: true, columns: columnNames, cast: { number: plain, string: write } };
  const ofField = (name: (typeof columnNames)[number], field: string | undefined): unknown => {
    if (field === undefined || field === '') return null;
    return columns[name].dataType === 'DECIMAL' ? Number(field) : read(field);
  };
  return {
    extension: 'csv',
    encode: (rows) => Buffer.from(stringify([...rows], options)),
    async decode(bytes) {
      const records = parse<Record<string, string>>(Buffer.from(bytes), { columns: true, bom: true });
      return records.map((record) =>
        Object.fromEntries(columnNames.map((name) => [name, ofField(name, record[name])])),
      );
    },
  };
}

/** Tools that load CSV do not all know exponents. */
function plain(value: number): string {
  const text = String(value);
  return text.includes('e') ? expanded.format(value) : text;
}

const types: Readonly<Record<DataType, BasicType>> = {
  DECIMAL: 'DOUBLE',
  DATETIME: 'TIMESTAMP',
  STRING: 'STRING',
  JSON: 'STRING',
};

/** Parquet, compressed by Snappy; decimals are doubles and times are milliseconds since 1970, UTC. */
export const parquetFormat: FileFormat = {
  extension: 'parquet',
  encode(rows) {
    const columnData = columnNames.map((name) => {
      const { dataType } = columns[name];
      const values = rows.map((row) => row[name]);
      const data = dataType === 'DATETIME' ? values.map((value) => new Date(String(value))) : values;
      return { name, type: types[dataType], nullable: isNullable(name), data };
    });
    const kvMetadata = [
      { key: 'FocusVersion', value: FOCUS_VERSION },
      { key: 'SchemaId', value: schemaId },
    ];
    return new Uint8Array(parquetWriteBuffer({ columnData, kvMetadata, createdBy: 'wattline' }));
  },
  async decode(bytes) {
    const records = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
    return records.map((record) => Object.fromEntries(columnNames.map((name) => [name, ofParquet(record[name])])));
  },
};

function ofParquet(value: unknown): unknown {
  return value instanceof Date ? value.toISOString().replace('.000Z', 'Z') : (value ?? null);
}
