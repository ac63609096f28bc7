import { countOf } from './count.ts';

/** All codes of operator-facing errors, with their meanings; a test compares the README's table with this list. */
export const errorCodes = {
  CONFIG_UNREADABLE: 'A configuration file cannot be read.',
  CONFIG_SYNTAX: 'The text is not valid YAML.',
  CONFIG_TOO_LARGE: 'A text, its nesting or its repetitions are beyond the limits of a configuration.',
  CONFIG_EMPTY: 'A configuration, a pipeline or a required part of it is empty.',
  CONFIG_UNKNOWN_KEY: 'A key that no schema knows.',
  CONFIG_MISSING_KEY: 'A required key is absent.',
  CONFIG_INVALID_VALUE: 'A value of the wrong type or outside of its range.',
  CONFIG_INVALID_ID: 'A component id that is not `type` or `type/name`.',
  CONFIG_INVALID_VARIABLE: 'A `${…}` expression that cannot be resolved.',
  CONFIG_UNKNOWN_TYPE: 'No plugin of that kind and type is known.',
  CONFIG_UNDEFINED_REFERENCE: 'Something names a component that is not configured, or not started.',
  CONFIG_DUPLICATE_REFERENCE: 'A pipeline names the same component twice.',
  CONFIG_PORT_CONFLICT: 'Components that listen on one port cannot share it, or an exporter sends to its own Wattline.',
  PIPELINE_CANNOT_WORK: 'A stage of a pipeline does not get what it reads, or gets it in another unit.',
  PLUGIN_LOAD_FAILED: 'A plugin listed under `plugins:` cannot be loaded.',
  PLUGIN_CREATE_FAILED: 'A plugin refused its configuration while the pipeline was built.',
  START_FAILED: 'A component, or a command to measure, could not start.',
  NOTHING_TO_READ: '`run --once` found no receiver, or no file, to read from.',
  OVER_BUDGET: '`check` found more cost or CO2 than allowed, or runs without the figure to check.',
  ADVICE_ABOVE_LIMIT: '`advise` found more to save than allowed.',
  TEST_FAILED: '`test` found a run that differs from what the configuration’s tests expect.',
  CANNOT_WRITE:
    '`new` or `init` would overwrite something or was given an invalid name, or `train`, `evaluate` or `advise` could not write.',
  NOT_DELIVERED: '`run --once` could not deliver everything.',
  NOT_EXPLAINED: '`explain` could not take every run through its pipeline.',
  NOT_TRAINED: '`train` found too few runs to learn from.',
  NOT_PREDICTED: '`predict` cannot say what was asked, as where nothing was learnt of it.',
  MODEL_REFUSED: 'A model file cannot be read, is damaged or of another version, or is of another feature than asked.',
  NO_STATUS: '`top` got no status from the URL.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/**
 * The position of a problem in the configuration; lines and columns count from 1. For a value from an option of the
 * command line `file` is that option, and both are 0.
 */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One problem of a configuration, and how to correct it. */
export interface Problem {
  readonly code: ErrorCode;
  readonly at?: Position | undefined;
  /** The key, written as `exporters.prometheus.endpoint`. */
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
  /** Whether the value is a secret, which no output may contain. */
  readonly isSecret?: boolean;
}

/** What is wrong, and how to correct it. */
export type Flaw = Pick<Problem, 'message' | 'remedy'>;

/** An error that also states how to correct what is wrong; where it is caught, its place is added. */
export class FlawError extends Error implements Flaw {
  override name = 'FlawError';
  readonly remedy: string;
  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.remedy = remedy;
  }
}

/** An error with a code and a message for the operator. */
export class WattlineError extends Error {
  override name = 'WattlineError';
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** How many problems of a configuration are shown. */
export const MOST_PROBLEMS = 100;

/** The problems of a configuration, in the order of its text: the first 100, and how many more there are. */
export class ConfigurationError extends WattlineError {
  override name = 'ConfigurationError';
  readonly problems: readonly Problem[];
  readonly more: number;
  /** Warnings, which help to understand the problems. */
  readonly warnings: readonly string[];
  /** `more` problems have been left out already. */
  constructor(problems: readonly Problem[], warnings: readonly string[] = [], more = 0) {
    const sorted = [...problems].sort(byPlace);
    const shown = sorted.slice(0, MOST_PROBLEMS);
    super(sorted[0]?.code ?? 'CONFIG_EMPTY', shown.map(formatProblem).join('\n'));
    this.problems = shown;
    this.more = more + sorted.length - shown.length;
    this.warnings = warnings.slice(0, MOST_PROBLEMS);
  }

  /** How many problems there are, such as `2 problems`, or `more than 100 problems` where not all are shown. */
  get count(): string {
    const { length } = this.problems;
    return this.more > 0 ? `more than ${length} problems` : countOf(length, 'problem');
  }
}

/** Says that downstream will never accept the data: do not send it again. Any other error may be retried. */
export class RejectedError extends Error {
  override name = 'RejectedError';
}

/** Says that downstream takes nothing for now, and how many milliseconds it asks to be left alone. */
export class LaterError extends Error {
  override name = 'LaterError';
  readonly after: number;

  constructor(message: string, after: number, options?: ErrorOptions) {
    super(message, options);
    this.after = after;
  }
}

/** Says that downstream takes nothing until somebody mends something, such as a token, a URL or a certificate. */
export class BlockedError extends Error {
  override name = 'BlockedError';
}

/** Says the same where the data may be at fault instead, as with a request that is too large: parts of it may be taken. */
export class DoubtfulError extends BlockedError {
  override name = 'DoubtfulError';
}

/** Formats a problem as `demo.yaml:14:7 exporters.otlphttp.endpoint: what is wrong; what would be right [CODE]`. */
export function formatProblem({ at, path, message, remedy, code }: Problem): string {
  const place = at ? `${formatPlace(at)} ` : '';
  return `${place}${path ? `${path}: ` : ''}${message}; ${remedy} [${code}]`;
}

/** Formats a position as `demo.yaml:14:7`, and that of an option as the option. */
export function formatPlace({ file, line, column }: Position): string {
  return line > 0 ? `${file}:${line}:${column}` : file;
}

/** Returns the message of any thrown value, with the messages of its causes; of an error of a schema its first flaws. */
export function messageOf(error: unknown): string {
  return describe(error, new Set());
}

/**
 * Whether a thrown value is a fault of the program, so that its stack is worth showing: an error that the language itself
 * throws. What another system has caused, or what was thrown for somebody to read, is none.
 */
export function isFault(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  const isOfLanguage = [TypeError, RangeError, ReferenceError, SyntaxError].some((type) => error instanceof type);
  // `fetch` throws a `TypeError` where there is no answer, with the reason as its cause.
  return isOfLanguage && error.cause === undefined;
}

/** Returns a thrown error as it is, and any other thrown value as an error with its text. */
export function errorOf(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function describe(error: unknown, above: ReadonlySet<unknown>): string {
  if (!(error instanceof Error)) return String(error);
  const own = flawsOf(error) || error.message || ('code' in error ? String(error.code) : error.name);
  const causes = error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  const around = new Set(above).add(error);
  const below = causes.filter((cause) => !around.has(cause)).map((cause) => describe(cause, around));
  const news = [...new Set(below)].filter((text) => text && !own.includes(text));
  return news.length ? `${own}: ${news.join('; ')}` : own;
}

/** How many flaws of a value are named. */
const MOST_FLAWS = 3;

/** Returns what a schema finds wrong with a value, in one line such as `data.0.value: expected number, received null`. */
function flawsOf(error: Error & { issues?: unknown }): string {
  if (!Array.isArray(error.issues)) return '';
  const issues = error.issues.slice(0, MOST_FLAWS) as { path: readonly PropertyKey[]; message: string }[];
  const flaws = issues.map(({ path, message }) => {
    const text = message.replace(/^Invalid input: /, '');
    return path.length ? `${path.map(String).join('.')}: ${text}` : text;
  });
  return flaws.join('; ');
}

function byPlace(a: Problem, b: Problem): number {
  if (!a.at || !b.at) return Number(!a.at) - Number(!b.at);
  return a.at.file.localeCompare(b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column;
}
