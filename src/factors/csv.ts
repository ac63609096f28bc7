import { parse } from 'csv-parse/sync';
import { atLine, SHOWN, shown, TableError } from './factor-table.ts';

/** The cells of a line, without the space around them. */
export interface CsvLine {
  readonly cells: readonly string[];
  readonly line: number;
}

/** A text of separated cells. */
export interface Sheet {
  /** What stands before the header. */
  readonly preamble: string;
  readonly header: CsvLine;
  /** The lines after the header that are not empty, each with as many cells. */
  readonly lines: readonly CsvLine[];
  readonly separator: string;
}

/**
 * Reads cells that are separated by what separates those of the header, which begins at `start`: tabs, semicolons or
 * commas. Throws a `TableError` where there is none, in place of what is `wanted`, where a line has another number of cells,
 * and where a quote stays open.
 */
export function readSheet(text: string, wanted: string, start: number = 0): Sheet {
  const preamble = text.slice(0, start);
  const separator = separatorOf(text.slice(start));
  // The ends of the lines before the header stay, so that lines are counted from the beginning.
  const [header, ...lines] = parseCells(preamble.replace(/[^\r\n]+/g, '') + text.slice(start), separator);
  if (!header) throw new TableError(atLine(1, `there is no header; ${wanted}`));
  return { preamble, header, lines, separator };
}

function separatorOf(text: string): string {
  const header = /\S.*/.exec(text)?.[0].replace(/"[^"]*"/g, '') ?? '';
  return ['\t', ';'].find((one) => header.includes(one)) ?? ',';
}

function parseCells(text: string, delimiter: string): CsvLine[] {
  try {
    const records = parse(text, { delimiter, trim: true, skip_empty_lines: true, info: true });
    // With `info` the records come wrapped, which the types of csv-parse do not say.
    return (records as unknown as { record: string[]; info: { lines: number } }[]).map(({ record, info }) => {
      return { cells: record, line: info.lines };
    });
  } catch (error) {
    const { message, lines = '' } = error as Error & { lines?: number };
    // The message may have a whole cell in it.
    throw new TableError(atLine(lines, shown(message, 2 * SHOWN)));
  }
}

/** A number with a decimal comma, and points between thousands or none. */
const WITH_COMMA = /^[+-]?(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,\d+)?$/;

/**
 * Returns how the numbers of a file are read: with a decimal comma where one of them has a comma, and then a point stands
 * between thousands only.
 */
export function numberReader(hasComma: boolean): (text: string) => number {
  if (!hasComma) return Number;
  return (text) => (WITH_COMMA.test(text) ? Number(text.replaceAll('.', '').replace(',', '.')) : Number.NaN);
}
