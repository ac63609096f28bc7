import type { Row } from './column-rules.ts';

/** How rows are written to a file, and read back. */
export interface FileFormat {
  readonly extension: string;
  encode(rows: readonly Row[]): Uint8Array;
  /** What stands in the file, column by column, unchecked; what a row does not have is null. */
  decode(bytes: Uint8Array): Promise<Record<string, unknown>[]>;
}
