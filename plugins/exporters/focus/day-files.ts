import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { messageOf } from 'wattline/plugin';
import { problemsOf, type Row } from './column-rules.ts';
import { readIfThere, replaceFile } from './durable-file.ts';
import type { FileFormat } from './file-formats.ts';
import { metadataName, metadataText } from './metadata.ts';

/**
 * A directory with one file for each day (UTC) on which charges began. A run stands there once: when it comes again, its
 * rows take the place of those from before. One writer a directory and format.
 */
export class DayFiles {
  readonly #directory: string;
  readonly #format: FileFormat;
  /** What stands in the file that was read or written last, which the next rows mostly go to. */
  #last: { readonly content: Uint8Array; readonly rows: readonly Row[] } | undefined;

  constructor(directory: string, format: FileFormat) {
    this.#directory = directory;
    this.#format = format;
  }

  /** Makes the directory, and says in it what the columns are. */
  async open(): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const path = join(this.#directory, metadataName);
    if ((await readIfThere(path)) === undefined) await replaceFile(path, metadataText(new Date()));
  }

  /**
   * Resolves when all rows are on disk, with those that gave way to others of the same runs. Throws where a file cannot be
   * written, or what stands there is not rows; then other days may have theirs already.
   */
  async write(rows: readonly Row[], signal: AbortSignal): Promise<Row[]> {
    const replaced: Row[] = [];
    for (const [day, added] of Map.groupBy(rows, ({ ChargePeriodStart }) => ChargePeriodStart.slice(0, 10))) {
      signal.throwIfAborted();
      replaced.push(...(await this.#merge(day, added)));
    }
    return replaced;
  }

  async #merge(day: string, added: readonly Row[]): Promise<Row[]> {
    const path = join(this.#directory, `focus-${day}.${this.#format.extension}`);
    const before = await readIfThere(path);
    const known = before ? await this.#read(path, before) : [];
    const now = [...new Map(added.map((row) => [chargeKey(row), row])).values()].sort(inOrder);
    const runs = new Set(added.map(({ x_RunId }) => x_RunId));
    const earlier = known.filter(({ x_RunId }) => runs.has(x_RunId));
    if (isDeepStrictEqual(earlier, now)) return [];
    const rows = [...known.filter(({ x_RunId }) => !runs.has(x_RunId)), ...now].sort(inOrder);
    const content = this.#format.encode(rows);
    await replaceFile(path, content);
    this.#last = { content, rows };
    return earlier;
  }

  async #read(path: string, content: Uint8Array): Promise<readonly Row[]> {
    if (this.#last && Buffer.compare(content, this.#last.content) === 0) return this.#last.rows;
    let records: Record<string, unknown>[];
    try {
      records = await this.#format.decode(content);
    } catch (error) {
      throw unreadable(path, messageOf(error), error);
    }
    for (const record of records) {
      const [problem] = problemsOf(record);
      if (problem !== undefined) throw unreadable(path, problem);
    }
    this.#last = { content, rows: records as Row[] };
    return this.#last.rows;
  }
}

/** Returns the key of a charge of a run, of which a file has one row. */
export function chargeKey({ x_RunId, SkuId }: Row): string {
  return `${x_RunId} ${SkuId}`;
}

function unreadable(path: string, problem: string, cause?: unknown): Error {
  const message = `${path} is not a file of FOCUS rows as this exporter writes them: ${problem}; move it elsewhere`;
  return new Error(message, { cause });
}

function inOrder(a: Row, b: Row): number {
  return compare(a.ChargePeriodStart, b.ChargePeriodStart) || compare(chargeKey(a), chargeKey(b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a !== b);
}
