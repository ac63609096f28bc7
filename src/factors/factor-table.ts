/** A local time, as a clock shows it. */
export interface ClockTime {
  /** In seconds since 1970, as if the clock showed UTC. */
  readonly clock: number;
  /** How far the clock is ahead of UTC, in seconds, where the file says so. */
  readonly offset?: number | undefined;
  /** Which of two it is where clocks repeat it, 0 or 1, where the file says so. */
  readonly turn?: number | undefined;
}

/** A time in seconds since 1970, or one that only a time zone places. */
export type Moment = number | ClockTime;

/** A row of a file as it is written; an empty cell is undefined. */
export interface TableRow {
  readonly from: unknown;
  readonly to: unknown;
  /** How long it holds, in seconds, where the file says that in place of `to`. */
  readonly length?: number | undefined;
  readonly value: unknown;
  /** The key of the value: its column, or its unit. */
  readonly valueKey: string;
  /** Such as `eur_per_mwh`; undefined where the file names none. */
  readonly unit: string | undefined;
  /** Returns the line of the file on which it stands. */
  line(): number;
}

/** The keys that the value of a row may have. */
export interface ValueKeys {
  /** Those that a problem names. */
  readonly examples: readonly string[];
  includes(key: string): boolean;
}

/** The rows of a file in their order, and how they are written. */
export interface Table {
  readonly rows: readonly TableRow[];
  /** Whose clocks show its local times; undefined where nobody says. */
  readonly timeZone: string | undefined;
  /** What the file calls the times of a row. */
  readonly timeKeys: { readonly from: string; readonly to: string };
  /** What a time looks like, for messages. */
  readonly momentWanted: string;
  /** Returns a time; undefined where it is none. */
  readMoment(value: unknown): Moment | undefined;
  /** Returns a number; NaN where it is none. */
  readNumber(text: string): number;
}

/** What an entry of the configuration says about its file. */
export interface TableOptions {
  /** Whose clocks the file goes by, where it does not say so itself. */
  readonly timeZone: string | undefined;
  /** Which of several series of a file holds. */
  readonly area: string | undefined;
}

/** The problems of a file, as `atLine` writes them. */
export class TableError extends Error {
  readonly problems: readonly string[];
  constructor(...problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** Returns a problem in one line, such as `3: what is wrong; what would be right`. */
export function atLine(line: number | string, message: string): string {
  return line === '' ? ` ${message}` : `${line}: ${message}`;
}

/** The most characters of a file that a problem shows at a time. */
export const SHOWN = 60;

/** Returns a text as problems show it, shortened. */
export function shown(text: string, most: number = SHOWN): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Returns keys as problems list them. */
export function listed(keys: readonly string[]): string {
  return keys.map((key) => `\`${key}\``).join(', ');
}

/** Returns a value of a file as problems show it. */
export function quoted(value: unknown): string {
  if (value === undefined) return 'missing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : shown(JSON.stringify(value));
}
