import { createHash } from 'node:crypto';
import { columnNames, columns, FOCUS_VERSION } from './column-rules.ts';

const columnDefinition = columnNames.map((name) => {
  const { dataType } = columns[name];
  const isText = dataType === 'STRING' || dataType === 'JSON';
  return { ColumnName: name, DataType: dataType, ...(isText && { StringEncoding: 'UTF-8' }) };
});

/** Names the columns: another set of them has another id. */
export const schemaId = createHash('sha256')
  .update(JSON.stringify([FOCUS_VERSION, columnDefinition]))
  .digest('hex')
  .slice(0, 16);

/** The name of the file with the metadata of all files beside it that have these columns. */
export const metadataName = `focus-metadata-${schemaId}.json`;

/** The metadata that FOCUS wants beside its data: who made them, by which version, and their columns. */
export function metadataText(created: Date): string {
  const metadata = {
    DataGenerator: 'Wattline',
    Schema: {
      SchemaId: schemaId,
      FocusVersion: FOCUS_VERSION,
      CreationDate: created.toISOString(),
      ColumnDefinition: columnDefinition,
    },
  };
  return `${JSON.stringify(metadata, null, 2)}\n`;
}
