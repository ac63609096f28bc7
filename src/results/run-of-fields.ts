import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { Attribute } from '../model/attributes.ts';
import { isPowerKind, type PowerLabel, powerLabelOf, wordsOfPower } from '../model/power-kind.ts';
import { type AttributeSource, Run } from '../model/run.ts';
import { extrapolatedIn, NO_FACTS, type RunFacts } from '../model/run-facts.ts';
import { spanOf, timeSpanOf } from '../model/run-window.ts';
import { type Sampling, Series } from '../model/series.ts';
import { cpuUsage, hostPower, type Samples, type Signal } from '../model/signals.ts';
import { statedTime } from '../model/stated-time.ts';
import { type Field, type Fields, fieldName, ScannedList } from './fields.ts';
import { describe, isPlainTime, readSamples } from './samples.ts';
import { Timing } from './timing.ts';

/** Something of a results text that yields no data: a whole `file` or `run`, or one field of a run. */
export interface ResultRefusal {
  readonly item: string;
  readonly reason: string;
  readonly message: string;
}

/** What one entry of a results text came to: a run, unless it was refused whole, and what was refused of it. */
export interface ParsedRun {
  readonly run?: Run | undefined;
  readonly refusals: readonly ResultRefusal[];
  /** What its text is known by, where the options ask for that: 16 hexadecimal digits. */
  readonly digest?: string;
}

/** Facts about the text itself that stand in where a run does not say them. */
export interface ResultsOptions {
  /** Seconds since 1970 that a run without any time of its own ended at; where it is left out such a run is not dated. */
  readonly fallbackTime?: number | undefined;
  /** The time zone of times that are text without an offset; where it is left out they are refused. */
  readonly timeZone?: string | undefined;
  /** How the samples of runs that do not say it themselves are to be read. */
  readonly sampling?: Sampling | undefined;
  /** How many runs a text may have, those that are refused among them; undefined is any number. */
  readonly maxRuns?: number;
  /** A run of more bytes than this is refused. */
  readonly maxRunBytes?: number;
  /** Whether each run is to have the digest of its text. */
  readonly digests?: boolean;
}

/** A text that has more runs than it may. */
export class ResultsLimitError extends Error {
  override name = 'ResultsLimitError';
}

/** The scope that a run's samples are measured under. */
export const RESULTS_SCOPE = 'wattline/results';
const NONE: readonly never[] = Object.freeze([]);
/** No run takes so many seconds, which are 317 years: what does is in smaller units, or a time since 1970. */
const LONGEST = 1e10;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Makes runs of fields, be they scanned or parsed. What is wrong is refused field by field; a run is refused whole only
 * where it has no usable name. It is kept from run to run, so that a run costs few objects.
 */
export class RunMapping {
  readonly #facts: Writable<RunFacts> = { ...NO_FACTS };
  readonly #timing = new Timing(this.#facts);
  #name = '';
  #refusals: ResultRefusal[] | undefined;

  /** Returns the run that the fields say. */
  map(fields: Fields, options: ResultsOptions): ParsedRun {
    const name = fields.name.value;
    if (typeof name !== 'string' || name.trim() === '') {
      const what = name === undefined ? 'it has no `name`' : `${describe(name)} is not a name`;
      return refuse('run', 'no_name', `a run is refused: ${what}, and there is no list of \`scenarios\` in it`);
    }
    this.#name = name;
    this.#refusals = undefined;
    const facts = this.#readFacts(fields, options);
    const sampling = this.#sampling(fields.sampling.value ?? options.sampling);
    this.#checkOutput(fields);
    facts.saysSampling = sampling !== undefined || saysSamplingOfSignal(fields);
    this.#timing.begin(fields, sampling, options);
    const samples = this.#samples(fields);
    this.#completeTimes(fields, samples, sampling, options);
    const refusals: readonly ResultRefusal[] = this.#refusals ?? NONE;
    return { run: Run.read(facts, sourceOf(fields, sampling, refusals), samples), refusals };
  }

  #readFacts(fields: Fields, { timeZone }: ResultsOptions): Writable<RunFacts> {
    const facts = this.#facts;
    facts.scenario = this.#name;
    facts.region = this.#label('region', fields.region.value);
    facts.bitrate = this.#label('bitrate', fields.bitrate.value);
    const encoder = this.#label('encoder', fields.encoder.value);
    facts.encoder = this.#label('encoder_type', fields.encoderType.value) ?? encoder;
    facts.startTime = this.#time('start_time', fields.startTime.value, timeZone);
    facts.endTime = this.#end(this.#time('end_time', fields.endTime.value, timeZone), fields);
    facts.readTime = undefined;
    facts.statedDuration = this.#seconds('duration', fields.duration.value);
    facts.streams = this.#streams(fields.streams.value);
    facts.power = this.#power(fields);
    facts.cpu = this.#cpu(fields.cpuKind.value);
    facts.extrapolated = fields.others.length === 0 ? undefined : this.#extrapolated(fields, facts);
    return facts;
  }

  /** Says when the run was where it does not state it: by the times of its samples, else by those of its document. */
  #completeTimes(
    fields: Fields,
    samples: readonly Samples[],
    sampling: Sampling | undefined,
    { fallbackTime }: ResultsOptions,
  ): void {
    const facts = this.#facts;
    if (facts.endTime !== undefined) return;
    const ruleFor = (signal: Signal) => samplingOfSignal(fields, signal) ?? sampling ?? 'instant';
    const sampled = () => spanOf(samples.map(({ signal, series }) => ({ series, sampling: ruleFor(signal) })));
    const isPlaced = facts.startTime !== undefined || this.#timing.hasTimestamps;
    const span = isPlaced ? timeSpanOf(facts, sampled) : undefined;
    if (span) {
      facts.startTime = span.start;
      facts.endTime = span.end;
    } else if (fallbackTime !== undefined) facts.endTime = fallbackTime;
    else facts.readTime = this.#timing.lastResort;
  }

  #label(item: string, value: unknown): string | undefined {
    if (typeof value === 'string') return value === '' ? undefined : value;
    if (typeof value === 'number') return String(value);
    if (value !== undefined && value !== null) this.#refuseField(item, 'a string', value);
    return undefined;
  }

  #time(item: string, value: unknown, timeZone: string | undefined): number | undefined {
    if (value === undefined || value === null || isPlainTime(value)) return value ?? undefined;
    const time = statedTime(value, timeZone);
    if (typeof time === 'number') return time;
    const message = `${this.#name}: \`${item}\`, ${describe(value)}, ${time}`;
    this.#refuse({ item, reason: 'invalid_field', message });
    return undefined;
  }

  #seconds(item: string, value: unknown): number | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'number' && value >= 0 && value < LONGEST) return value;
    this.#refuseField(item, 'a number of seconds, 0 or more and not in milliseconds', value);
    return undefined;
  }

  #streams(value: unknown): number | undefined {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
    if (value !== undefined && value !== null) this.#refuseField('streams', 'a whole number', value);
    return undefined;
  }

  /** Results of `wattline measure` that have no `power` yet say it by the source of their power. */
  #power({ powerKind: { value }, powerSource }: Fields): PowerLabel | undefined {
    if (isPowerKind(value)) return powerLabelOf(value);
    if (value !== undefined && value !== null) this.#refuseField('power', wordsOfPower, value);
    return powerSource.value === 'model' ? 'modelled' : undefined;
  }

  #cpu(value: unknown): RunFacts['cpu'] {
    if (value === 'predicted') return value;
    if (value !== undefined && value !== null && value !== 'measured') {
      this.#refuseField('cpu', '`measured` or `predicted`', value);
    }
    return undefined;
  }

  /** Returns whether the run is extrapolated, and refuses what it says of its predictions that cannot be. */
  #extrapolated({ predicted }: Fields, facts: Pick<RunFacts, 'power' | 'cpu'>): RunFacts['extrapolated'] {
    const said: Attributes = {};
    for (const { numbers, extrapolated } of predicted) {
      for (const field of numbers) this.#checkNumber(field, 'a number of 0 or more');
      const { value } = extrapolated;
      if (typeof value === 'boolean') said[String(extrapolated.attribute)] = value;
      else if (value !== undefined && value !== null) {
        this.#refuseField(fieldName(extrapolated), '`true` or `false`', value);
        extrapolated.value = null;
      }
    }
    return extrapolatedIn(said, facts);
  }

  /** Refuses what a run says of its output where that cannot be. */
  #checkOutput({ vmafScore, outputBytes, outputBitsPerSecond }: Fields): void {
    this.#checkNumber(vmafScore, 'a number from 0 to 100', 100);
    this.#checkNumber(outputBytes, 'a number of bytes, 0 or more');
    this.#checkNumber(outputBitsPerSecond, 'a number of 0 or more');
  }

  #checkNumber(field: Field, expected: string, most = Number.POSITIVE_INFINITY): void {
    const { value } = field;
    if (value === undefined || value === null || (typeof value === 'number' && value >= 0 && value <= most)) return;
    this.#refuseField(fieldName(field), expected, value);
    field.value = null;
  }

  /** An end before the start is refused. */
  #end(end: number | undefined, fields: Fields): number | undefined {
    const { startTime } = this.#facts;
    if (startTime === undefined || end === undefined || end >= startTime) return end;
    const [first, last] = [fields.startTime, fields.endTime].map(({ value }) => describe(value));
    const message = `${this.#name}: \`end_time\` ${last} is before \`start_time\` ${first}`;
    this.#refuse({ item: 'end_time', reason: 'invalid_field', message });
    return undefined;
  }

  #sampling(value: unknown): Sampling | undefined {
    if (value === undefined || value === 'instant' || value === 'interval') return value;
    this.#refuseField('sampling', '`instant` or `interval`', value);
    return undefined;
  }

  /** The samples in a list that has room for no more than there are, since it lives as long as its run. */
  #samples(fields: Fields): readonly Samples[] {
    const power = this.#samplesOf(hostPower, fields.power.value);
    const cpu = this.#samplesOf(cpuUsage, fields.cpu.value);
    if (power) return cpu ? [power, cpu] : [power];
    return cpu ? [cpu] : NONE;
  }

  #samplesOf(signal: Signal, list: unknown): Samples | undefined {
    if (list === undefined || list === null) return undefined;
    if (!(list instanceof ScannedList) && !Array.isArray(list)) {
      return this.#refuseSamples(signal, 'not_a_list', `it must be a list of numbers, not ${describe(list)}`);
    }
    if (list.length === 0) return undefined;
    this.#timing.length = list.length;
    const read = readSamples(list, this.#timing);
    if (read instanceof Series) return { signal, series: read, scope: RESULTS_SCOPE, sources: 1 };
    return this.#refuseSamples(signal, read.reason, read.problem);
  }

  #refuseField(item: string, expected: string, value: unknown): void {
    const given = value instanceof ScannedList ? [...value.all.subarray(value.from, value.from + value.length)] : value;
    const message = `${this.#name}: \`${item}\` must be ${expected}, not ${describe(given)}`;
    this.#refuse({ item, reason: 'invalid_field', message });
  }

  #refuseSamples({ field: item }: Signal, reason: string, problem: string): undefined {
    this.#refuse({ item, reason, message: `${this.#name}: \`${item}\` is refused: ${problem}` });
  }

  #refuse(refusal: ResultRefusal): void {
    this.#refusals ??= [];
    this.#refusals.push(refusal);
  }
}

/** Returns a refusal alone. */
export function refuse(item: string, reason: string, message: string): ParsedRun {
  return { refusals: [{ item, reason, message }] };
}

function sourceOf(fields: Fields, sampling: Sampling | undefined, refusals: readonly ResultRefusal[]): AttributeSource {
  if (fields.others.length === 0 && sampling === undefined && refusals.length === 0) return ofPlainRun;
  const others: Attributes = {};
  for (const { attribute, value } of fields.others) {
    if (attribute === undefined || value === null || value === undefined) continue;
    others[attribute] = typeof value === 'object' ? JSON.stringify(value) : (value as AttributeValue);
  }
  return attributesWith(others, sampling, refusals.length ? refusals.map(({ item }) => item) : undefined);
}

/** Returns what gives a run that was read from fields its attributes: what it says of who it was and when, and all else. */
function attributesWith(others: Attributes, sampling?: Sampling, refused?: string[]): AttributeSource {
  return (run) => {
    const known = {
      [Attribute.scenario]: run.scenario,
      [Attribute.region]: run.region,
      [Attribute.bitrate]: run.bitrate,
      [Attribute.encoder]: run.encoder,
      [Attribute.startTime]: run.startTime,
      [Attribute.endTime]: run.endTime,
      [Attribute.duration]: run.statedDuration,
      [Attribute.readTime]: run.readTime,
      [Attribute.streams]: run.streams,
      [Attribute.power]: run.power,
      [Attribute.cpu]: run.cpu,
      [Attribute.id]: resultRunId(run),
      ...others,
      [Attribute.sampling]: sampling,
      [Attribute.refused]: refused,
    };
    return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
  };
}

const ofPlainRun = attributesWith({});

/** Returns whether a run says of one signal how it is sampled, in a field of its own. */
function saysSamplingOfSignal({ others }: Fields): boolean {
  for (let i = 0; i < others.length; i++) if (others[i]?.attribute?.startsWith(Attribute.sampling)) return true;
  return false;
}

function samplingOfSignal({ others }: Fields, { samplingAttribute }: Signal): Sampling | undefined {
  const stated = others.find(({ attribute }) => attribute === samplingAttribute);
  if (stated === undefined) return undefined;
  return stated.value === 'interval' ? 'interval' : 'instant';
}

/** Returns what names a run of a results file that states no id: its name, start, place and how it was encoded. */
export function resultRunId({ scenario, startTime, endTime, region, encoder, bitrate }: RunFacts): string {
  const parts = [scenario, startTime ?? endTime, region, encoder, bitrate];
  return parts.filter((part) => part !== undefined).join('/');
}
