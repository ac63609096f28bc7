import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { Attribute, type Batch } from './attributes.ts';
import { describe, LATEST_TIME, readSamples } from './result-samples.ts';
import { makeRunOf } from './run.ts';
import type { Sampling } from './segments.ts';
import { type SampledGauge, toHrTime } from './series.ts';
import { cpuUsage, hostPower, type Signal, signalGauge } from './signals.ts';

/** Something of a results text that yields no data: a whole `file` or `run`, or one field of a run. */
export interface Refusal {
  readonly item: string;
  readonly reason: string;
  readonly message: string;
}

/** What one entry of a results text came to: a run, unless it was refused whole, and what was refused of it. */
export interface ParsedRun {
  readonly batch?: Batch;
  readonly refusals: readonly Refusal[];
}

/** Facts about the text itself that stand in where a run does not say them. */
export interface ResultsOptions {
  /** Seconds since 1970 that a run without any time of its own ended at. */
  readonly fallbackTime: number;
  /** How the samples of runs that do not say it themselves are to be read. */
  readonly sampling?: Sampling | undefined;
}

/** The scope that a run's samples are measured under. */
export const RESULTS_SCOPE = 'wattline/results';
const NUMBERS = { start_time: Attribute.startTime, end_time: Attribute.endTime, duration: Attribute.duration } as const;
const HANDLED = new Set([
  ...['name', 'bitrate', 'encoder', 'encoder_type', 'region', 'streams', 'step_seconds', 'timestamps', 'sampling'],
  ...[...Object.keys(NUMBERS), hostPower.field, cpuUsage.field],
]);

/** One run from its JSON. Refusals are by signal: a run is refused whole only without a usable name. */
export function parseRun(raw: unknown, options: ResultsOptions): ParsedRun {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return refuse('run', 'not_an_object', `a run must be an object, not ${describe(raw)}`);
  }
  const fields = raw as Record<string, unknown>;
  if (typeof fields.name !== 'string' || fields.name.trim() === '') {
    const what = 'name' in fields ? `${describe(fields.name)} is not a name` : 'it has no `name`';
    return refuse('run', 'no_name', `a run is refused: ${what}, and there is no list of \`scenarios\` in it`);
  }
  const refusals: Refusal[] = [];
  const attributes = runAttributes(fields, fields.name, refusals, options);
  const metrics = [hostPower, cpuUsage].flatMap((signal) => sampled(fields, signal, attributes, refusals) ?? []);
  if (refusals.length) attributes[Attribute.refused] = refusals.map(({ item }) => item);
  return { batch: makeRunOf(attributes, RESULTS_SCOPE, metrics), refusals };
}

function runAttributes(
  fields: Record<string, unknown>,
  name: string,
  refusals: Refusal[],
  options: ResultsOptions,
): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = { [Attribute.scenario]: name };
  const refuseField = (item: string, expected: string) =>
    refusals.push({
      item,
      reason: 'invalid_field',
      message: `${name}: \`${item}\` must be ${expected}, not ${describe(fields[item])}`,
    });
  for (const [item, attribute] of [
    ['region', Attribute.region],
    ['bitrate', Attribute.bitrate],
    ['encoder', Attribute.encoder],
    ['encoder_type', Attribute.encoder],
  ] as const) {
    const value = fields[item];
    if (typeof value === 'string' && value !== '') attributes[attribute] = value;
    else if (typeof value === 'number') attributes[attribute] = String(value);
    else if (value !== undefined && value !== null && value !== '') refuseField(item, 'a string');
  }
  for (const [item, attribute] of Object.entries(NUMBERS)) {
    const value = fields[item];
    if (value === undefined || value === null) continue;
    if (typeof value === 'number' && value >= 0 && value < LATEST_TIME) attributes[attribute] = value;
    else refuseField(item, 'a number of seconds, 0 or more and not in milliseconds');
  }
  if (typeof fields.streams === 'number' && Number.isInteger(fields.streams) && fields.streams >= 0) {
    attributes[Attribute.streams] = fields.streams;
  } else if (fields.streams !== undefined && fields.streams !== null) refuseField('streams', 'a whole number');
  for (const [key, value] of Object.entries(fields)) {
    if (HANDLED.has(key)) continue;
    const extra = asAttribute(value);
    if (extra !== undefined) attributes[`run.${key}`] = extra;
  }
  const sampling = fields.sampling ?? options.sampling;
  if (sampling === 'instant' || sampling === 'interval') attributes[Attribute.sampling] = sampling;
  else if (sampling !== undefined) refuseField('sampling', '`instant` or `interval`');
  settleWindow(attributes, name, refusals, options);
  return attributes;
}

/** Makes the run's end known: its own, else start plus duration, else the text's. An end before the start is refused. */
function settleWindow(
  attributes: Record<string, AttributeValue>,
  name: string,
  refusals: Refusal[],
  options: ResultsOptions,
): void {
  const start = attributes[Attribute.startTime] as number | undefined;
  const end = attributes[Attribute.endTime] as number | undefined;
  if (start !== undefined && end !== undefined && end < start) {
    const message = `${name}: \`end_time\` ${end} is before \`start_time\` ${start}`;
    refusals.push({ item: 'end_time', reason: 'invalid_field', message });
    delete attributes[Attribute.endTime];
  }
  if (attributes[Attribute.endTime] !== undefined) return;
  if (start === undefined) attributes[Attribute.endTime] = options.fallbackTime;
  else attributes[Attribute.endTime] = start + ((attributes[Attribute.duration] as number | undefined) ?? 0);
}

function sampled(
  fields: Record<string, unknown>,
  signal: Signal,
  attributes: Attributes,
  refusals: Refusal[],
): SampledGauge | undefined {
  const item = signal.field;
  const list = fields[item];
  if (list === undefined || list === null || (Array.isArray(list) && list.length === 0)) return undefined;
  const refused = (reason: string, what: string): undefined => {
    refusals.push({ item, reason, message: `${fields.name}: \`${item}\` is refused: ${what}` });
  };
  if (!Array.isArray(list)) return refused('not_a_list', `it must be a list of numbers, not ${describe(list)}`);
  const start = attributes[Attribute.startTime] as number | undefined;
  const end = attributes[Attribute.endTime] as number;
  // The last of means of intervals lasts a step, and ends with the run.
  const steps = attributes[Attribute.sampling] === 'interval' ? list.length : list.length - 1;
  const samples = readSamples(list, fields, (step) => toHrTime(start ?? end - step * steps));
  return 'series' in samples ? signalGauge(signal, samples.series) : refused(samples.reason, samples.problem);
}

/** A refusal alone. */
export function refuse(item: string, reason: string, message: string): ParsedRun {
  return { refusals: [{ item, reason, message }] };
}

function asAttribute(value: unknown): AttributeValue | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'object') return JSON.stringify(value);
  return value as AttributeValue;
}
