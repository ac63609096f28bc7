/** Every code that an operator can meet, with its meaning; the README's table is tested against this list. */
export const errorCodes = {
  CONFIG_UNREADABLE: 'A configuration file cannot be read.',
  CONFIG_SYNTAX: 'The text is not valid YAML.',
  CONFIG_EMPTY: 'A configuration, a pipeline or a required part of it is empty.',
  CONFIG_UNKNOWN_KEY: 'A key that nothing reads.',
  CONFIG_MISSING_KEY: 'A required key is absent.',
  CONFIG_INVALID_VALUE: 'A value of the wrong type or outside of its range.',
  CONFIG_INVALID_ID: 'A component id that is not `type` or `type/name`.',
  CONFIG_INVALID_VARIABLE: 'A `${…}` expression that cannot be resolved.',
  CONFIG_UNKNOWN_TYPE: 'No plugin of that kind and type is known.',
  CONFIG_UNDEFINED_REFERENCE: 'Something names a component that is not configured, or not started.',
  CONFIG_DUPLICATE_REFERENCE: 'A pipeline names the same component twice.',
  CONFIG_PORT_CONFLICT: 'Components that listen on one port cannot share it, or an exporter sends to its own Wattline.',
  PIPELINE_CANNOT_WORK: 'A stage of a pipeline is not given what it reads, or in another unit.',
  PLUGIN_LOAD_FAILED: 'A plugin listed under `plugins:` cannot be loaded.',
  PLUGIN_CREATE_FAILED: 'A plugin refused its configuration while it was built.',
  START_FAILED: 'A component, or a command to be measured, could not start.',
  NOTHING_TO_READ: '`run --once` found no receiver, or no file, to read from.',
  OVER_BUDGET: '`check` found more cost or CO2 than allowed, or runs without the figure to be checked.',
  TEST_FAILED: '`test` found a run that is not as its configuration’s tests expect.',
  CANNOT_WRITE: '`new` or `init` would have to write over something, or under a name that is none.',
  NOT_DELIVERED: '`run --once` could not deliver everything.',
  NO_STATUS: '`top` got no status from the address that it asked.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/**
 * Where in the configuration a problem stands; lines and columns count from 1. For what an option of the command line
 * gave, `file` is that option, and both are 0.
 */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a configuration, and what would be right. */
export interface Problem {
  readonly code: ErrorCode;
  readonly at?: Position | undefined;
  /** The key, written as `exporters.prometheus.endpoint`. */
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
  /** Whether what stands there is to be shown nowhere. */
  readonly isSecret?: boolean;
}

/** An error whose text is meant for the operator. */
export class WattlineError extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'WattlineError';
    this.code = code;
  }
}

/** Everything that is wrong with a configuration, in one go and in the order of the text. */
export class ConfigurationError extends WattlineError {
  readonly problems: readonly Problem[];
  /** What is not wrong, but worth knowing where something is. */
  readonly warnings: readonly string[];
  constructor(problems: readonly Problem[], warnings: readonly string[] = []) {
    const sorted = [...problems].sort(byPlace);
    super(sorted[0]?.code ?? 'CONFIG_EMPTY', sorted.map(formatProblem).join('\n'));
    this.name = 'ConfigurationError';
    this.problems = sorted;
    this.warnings = warnings;
  }
}

/** Data that downstream will never accept: it must not be sent again. Every other error may be retried. */
export class RejectedError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RejectedError';
  }
}

/** Writes a problem as `demo.yaml:14:7 exporters.otlphttp.endpoint: what is wrong; what would be right [CODE]`. */
export function formatProblem({ at, path, message, remedy, code }: Problem): string {
  const place = at ? `${formatPlace(at)} ` : '';
  return `${place}${path ? `${path}: ` : ''}${message}; ${remedy} [${code}]`;
}

/** Writes a place as `demo.yaml:14:7`, and an option as it is. */
export function formatPlace({ file, line, column }: Position): string {
  return line > 0 ? `${file}:${line}:${column}` : file;
}

/** The message of anything that was thrown, with its causes. */
export function messageOf(error: unknown): string {
  return describe(error, new Set());
}

function describe(error: unknown, above: ReadonlySet<unknown>): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message || ('code' in error ? String(error.code) : error.name);
  const causes = error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause];
  const around = new Set(above).add(error);
  const below = causes.filter((cause) => !around.has(cause)).map((cause) => describe(cause, around));
  const news = [...new Set(below)].filter((text) => text && !own.includes(text));
  return news.length ? `${own}: ${news.join('; ')}` : own;
}

function byPlace(a: Problem, b: Problem): number {
  if (!a.at || !b.at) return Number(!a.at) - Number(!b.at);
  return a.at.file.localeCompare(b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column;
}
