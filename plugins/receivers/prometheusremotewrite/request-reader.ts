import type { Gathered } from './gathered.ts';
import { type Allowance, failPart, MOST_IN_A_SERIES } from './limits.ts';
import type { Metadata } from './metadata.ts';
import { type Label, type Series, seriesText } from './series.ts';
import type { Wire } from './wire.ts';

/** What a request is read with: `wire` is at its beginning. */
export interface Reading {
  readonly wire: Wire;
  readonly left: Allowance;
  readonly into: Gathered;
}

/** What a version of the message keeps of what it has read before, and how it reads the series of a request. */
export interface RequestReader {
  /** Reads the whole request; yields where others may have a turn. */
  read(reading: Reading): Generator<undefined>;
}

/** The fields that series of both versions have, by their tags: number × 8 + wire type. */
export const SAMPLE = 0x12;
const VALUE = 0x09;
const TIMESTAMP = 0x10;
const START_TIMESTAMP = 0x18;

/** The halves of the number that ends a series. */
const STALE_HIGH = 0x7ff0_0000;
const STALE_LOW = 2;

/** Where the samples of the series stand that is being read, and what else it has. */
export class SeriesParts {
  /** The first byte of each sample, and the one after its last. */
  readonly samples: number[] = [];
  /** Since when its counter counts, in milliseconds since 1970; 0 is not known. */
  created = 0;
  hasHistograms = false;
  hasExemplars = false;
  #fields = 0;

  reset(): void {
    this.samples.length = 0;
    this.created = 0;
    this.hasHistograms = false;
    this.hasExemplars = false;
    this.#fields = 0;
  }

  addSample(wire: Wire, end: number): void {
    this.samples.push(wire.pass(end), wire.at);
  }

  addHistogram(wire: Wire, end: number): void {
    wire.pass(end);
    this.hasHistograms = true;
  }

  addExemplar(wire: Wire, end: number): void {
    wire.pass(end);
    this.hasExemplars = true;
  }

  /** Counts one more of its fields. Throws `WriteLimitError` where there are too many. */
  countField(): void {
    this.#fields++;
    if (this.#fields > MOST_IN_A_SERIES) failPart('a series');
  }

  get fields(): number {
    return this.#fields;
  }
}

/** Adds a series to what is gathered. `labels` and `metadata` are asked for where they are needed. */
export function takeSeries(
  { wire, into }: Reading,
  series: Series,
  parts: SeriesParts,
  metadata: (name: string) => Metadata,
  labels: () => readonly Label[],
): void {
  const { name, flaw } = series;
  const { samples, created } = parts;
  const count = samples.length / 2;
  into.samples += count;
  const text = () => seriesText(labels());
  if (flaw) {
    into.refuse(count, text, flaw);
    return;
  }
  if (parts.hasHistograms) into.histograms.add(name);
  if (parts.hasExemplars) into.exemplars.add(name);
  if (count === 0) return;
  into.begin(series, metadata);
  const after = wire.at;
  for (let index = 0; index < samples.length; index += 2) {
    wire.at = samples[index] as number;
    const problem = takeSample(wire, samples[index + 1] as number, created, into);
    if (problem) into.refuse(1, text, problem);
  }
  wire.at = after;
}

function takeSample(wire: Wire, end: number, created: number, into: Gathered) {
  let [valueAt, milliseconds, start] = [-1, 0, created];
  for (let tag = wire.tag(end); tag !== 0; tag = wire.tag(end)) {
    if (tag === VALUE) valueAt = wire.fixed64(end);
    else if (tag === TIMESTAMP) milliseconds = wire.int64(end);
    // Version 1.0 has no such field.
    else if (tag === START_TIMESTAMP) start = wire.int64(end);
    else wire.skip(tag, end);
  }
  const { view } = wire;
  if (valueAt < 0) return into.add(0, milliseconds, start);
  const isStale = view.getUint32(valueAt + 4, true) === STALE_HIGH && view.getUint32(valueAt, true) === STALE_LOW;
  return isStale ? undefined : into.add(view.getFloat64(valueAt, true), milliseconds, start);
}
