import { parquetReadObjects } from 'hyparquet';
import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import { columnNames, columns, type DataType, FOCUS_VERSION, isNullable } from './column-rules.ts';
import type { FileFormat } from './file-format.ts';
import { schemaId } from './metadata.ts';

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
    return records.map((record) => Object.fromEntries(columnNames.map((name) => [name, read(record[name])])));
  },
};

function read(value: unknown): unknown {
  return value instanceof Date ? value.toISOString().replace('.000Z', 'Z') : (value ?? null);
}
