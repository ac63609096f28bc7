import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { columnNames, columns } from './column-rules.ts';
import type { FileFormat } from './file-format.ts';

/** Every digit of a double, and no exponent. */
const expanded = new Intl.NumberFormat('en-US', { useGrouping: false, maximumFractionDigits: 100 });

/** CSV by RFC 4180 with a header, in UTF-8; null is an empty field. */
export const csvFormat: FileFormat = {
  extension: 'csv',
  encode(rows) {
    return Buffer.from(stringify([...rows], { header: true, columns: columnNames, cast: { number: plain } }));
  },
  async decode(bytes) {
    const records = parse<Record<string, string>>(Buffer.from(bytes), { columns: true, bom: true });
    return records.map((record) => Object.fromEntries(columnNames.map((name) => [name, read(name, record[name])])));
  },
};

/** Tools that load CSV do not all know exponents. */
function plain(value: number): string {
  const text = String(value);
  return text.includes('e') ? expanded.format(value) : text;
}

function read(name: (typeof columnNames)[number], field: string | undefined): unknown {
  if (field === undefined || field === '') return null;
  return columns[name].dataType === 'DECIMAL' ? Number(field) : field;
}
