import type { HrTime } from '@opentelemetry/api';
import { toHrTime } from 'wattline/plugin';
import { Line } from './line.ts';

const types = {
  counter: ['_total', '_created'],
  gauge: [],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  gaugehistogram: ['_bucket', '_gsum', '_gcount'],
  summary: ['_sum', '_count', '_created'],
  info: ['_info'],
  stateset: [],
  unknown: [],
} as const satisfies Record<string, readonly string[]>;

/** The type of a family; `unknown` where the text says `untyped`, or nothing. */
export type FamilyType = keyof typeof types;

export interface Sample {
  readonly name: string;
  /** The labels without empty ones, which count as absent. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** The time, where the text gives it. */
  readonly time?: HrTime;
}

/** The samples of one metric, with its metadata. */
export interface Family {
  readonly name: string;
  type: FamilyType;
  help: string;
  unit: string;
  readonly samples: Sample[];
}

export type TextFormat = 'text' | 'openmetrics';

const METRIC_NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*(?=[ \t{]|$)/y;
const LABEL_NAME = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const QUOTED = /"[^"\\]*(?:\\.[^"\\]*)*"/sy;
const WORD = /[^ \t]+/y;
const REST = /.*/sy;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const INFINITE = /^[+-]?inf(?:inity)?$/i;

/**
 * Parses a page in Prometheus's text format 0.0.4 or 1.0.0, whose names may stand in quotes, or in OpenMetrics 1.0, whose
 * exemplars are skipped (prometheus.io/docs/instrumenting/exposition_formats). Throws with the number of the first invalid
 * line, since part of a page would lose metrics unnoticed. Whether a page in the text format is whole is for its sender to say.
 */
export function parseText(text: string, format: TextFormat): Family[] {
  const families = new Families();
  const lines = text.split('\n');
  const isOpen = format === 'openmetrics';
  let hasEnded = false;
  for (const [index, content] of lines.entries()) {
    const line = new Line(content, index + 1);
    if (line.isAtEnd()) continue;
    if (hasEnded) throw line.problem('nothing after `# EOF`');
    if (content.startsWith('# EOF') && isOpen) hasEnded = true;
    else if (line.skip('#')) readComment(line, families);
    else readSample(line, families, isOpen);
  }
  if (isOpen && !hasEnded) throw new Line('', lines.length).problem('`# EOF`: the page is cut off');
  return [...families.values()];
}

function readComment(line: Line, families: Families): void {
  const keyword = line.isAtEnd() ? '' : line.take(WORD, 'a word');
  if (keyword !== 'HELP' && keyword !== 'TYPE' && keyword !== 'UNIT') return;
  const family = families.named(takeName(line, METRIC_NAME, 'the name of a metric'));
  if (keyword === 'HELP') family.help = unescaped(line.take(REST, ''));
  else if (keyword === 'UNIT') family.unit = unescaped(line.take(REST, '').trimEnd());
  else {
    const wanted = `a type (untyped, ${Object.keys(types).join(', ')})`;
    const type = line.take(WORD, wanted, (word) => word === 'untyped' || Object.hasOwn(types, word));
    family.type = type === 'untyped' ? 'unknown' : (type as FamilyType);
    line.end();
  }
}

function readSample(line: Line, families: Families, isOpen: boolean): void {
  const written = line.isAt('{') ? undefined : line.take(METRIC_NAME, 'the name of a metric');
  const { name = written, labels } = line.skip('{') ? readBraces(line, written === undefined) : { labels: {} };
  if (name === undefined) throw line.problem('the name of a metric within the braces before it');
  const value = numberFrom(line.take(WORD, 'a number', (word) => numberFrom(word) !== undefined)) as number;
  const isDone = () => line.isAtEnd() || (isOpen && line.isAt('#'));
  const time = isDone() ? undefined : readTime(line, isOpen);
  if (!isDone()) line.end();
  families.of(name).samples.push({ name, labels, value, ...(time && { time }) });
}

/** Reads what stands in braces: labels and, where no name stands before them, the name of the metric in quotes. */
function readBraces(line: Line, mayHaveName: boolean): { name?: string; labels: Record<string, string> } {
  const labels = new Map<string, string>();
  let metric: string | undefined;
  while (!line.skip('}')) {
    const isQuoted = line.isAt('"');
    const name = takeName(line, LABEL_NAME, 'the name of a label or `}`');
    if (isQuoted && mayHaveName && metric === undefined && !line.isAt('=')) metric = name;
    else {
      if (labels.has(name)) throw line.problem(`each label once, and \`${name}\` comes twice`);
      if (!line.skip('=')) throw line.problem('`=`');
      labels.set(name, unquoted(line.take(QUOTED, 'a value in double quotes')));
    }
    if (!line.skip(',') && !line.isAt('}')) throw line.problem('`,` or `}`');
  }
  const some = Object.fromEntries([...labels].filter(([, value]) => value !== ''));
  return { ...(metric !== undefined && { name: metric }), labels: some };
}

/** Returns the next name: as the pattern has it, or any text in quotes. */
function takeName(line: Line, pattern: RegExp, wanted: string): string {
  return line.isAt('"') ? unquoted(line.take(QUOTED, wanted, (text) => text !== '""')) : line.take(pattern, wanted);
}

function unquoted(text: string): string {
  return unescaped(text.slice(1, -1));
}

/** Parses a time: milliseconds since 1970 in Prometheus's format, seconds in OpenMetrics. */
function readTime(line: Line, isOpen: boolean): HrTime {
  if (isOpen) {
    const isTime = (word: string) => Number.isFinite(numberFrom(word));
    return toHrTime(Number(line.take(WORD, 'a time in seconds', isTime)));
  }
  const milliseconds = Number(line.take(WORD, 'a time in whole milliseconds', (word) => /^-?\d{1,15}$/.test(word)));
  const seconds = Math.floor(milliseconds / 1000);
  return [seconds, (milliseconds - seconds * 1000) * 1e6];
}

/** Parses a number as Go does; undefined where it is invalid, or too large for a double. */
function numberFrom(word: string): number | undefined {
  if (DECIMAL.test(word)) return Number.isFinite(Number(word)) ? Number(word) : undefined;
  if (INFINITE.test(word)) return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return /^nan$/i.test(word) ? Number.NaN : undefined;
}

/** Other characters keep their backslash, as in Prometheus. */
function unescaped(text: string): string {
  return text.includes('\\')
    ? text.replace(/\\([\\n"])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped))
    : text;
}

/** The families of a page, by name. */
class Families extends Map<string, Family> {
  /** The families of the samples so far: metadata that comes behind a sample does not divide its metric. */
  readonly #ofSamples = new Map<string, Family>();

  named(name: string): Family {
    const family = this.get(name) ?? { name, type: 'unknown', help: '', unit: '', samples: [] };
    this.set(name, family);
    return family;
  }

  /** Returns the family of a sample: that of its name, or of its name without the suffix of the family's type. */
  of(name: string): Family {
    const family = this.#ofSamples.get(name) ?? this.#find(name);
    this.#ofSamples.set(name, family);
    return family;
  }

  #find(name: string): Family {
    const cut = name.lastIndexOf('_');
    const base = this.has(name) || cut < 0 ? undefined : this.get(name.slice(0, cut));
    const ends: readonly string[] = base ? types[base.type] : [];
    return base && ends.includes(name.slice(cut)) ? base : this.named(name);
  }
}
