import { createHash } from 'node:crypto';

/** File systems allow 255 bytes, and SQLite appends to the name. */
const LONGEST = 200;

/** Returns the file of a queue: its name with all special characters escaped, such as `exporter_otlphttp%2Fsecond.db`. */
export function fileNameOf(name: string): string {
  const escaped = encodeURIComponent(name).replaceAll('*', '%2A');
  if (escaped.length <= LONGEST) return `${escaped}.db`;
  const hash = createHash('sha256').update(name).digest('hex');
  return `${escaped.slice(0, LONGEST - hash.length)}${hash}.db`;
}
