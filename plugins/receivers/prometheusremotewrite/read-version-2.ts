import { KnownBytes } from './known-bytes.ts';
import { failPart, MOST_IN_A_SERIES } from './limits.ts';
import { type Metadata, UNKNOWN } from './metadata.ts';
import { type Reading, type RequestReader, SAMPLE, SeriesParts, takeSeries } from './request-reader.ts';
import type { Label, Series, SeriesLabels } from './series.ts';
import type { Wire } from './wire.ts';

/** The fields of `io.prometheus.write.v2.Request`, by their tags: number × 8 + wire type. */
const SYMBOL = 0x22;
const TIMESERIES = 0x2a;
/** Of a series. */
const LABEL_REFS = 0x0a;
const LABEL_REF = 0x08;
const HISTOGRAM = 0x1a;
const EXEMPLAR = 0x22;
const METADATA = 0x2a;
const CREATED = 0x30;
/** Of metadata. */
const TYPE = 0x08;
const HELP_REF = 0x18;
const UNIT_REF = 0x20;

/** A text, and a number that no other text has. */
interface Symbol {
  readonly text: string;
  readonly number: number;
}

/** Reads `io.prometheus.write.v2.Request`, which is remote write 2.0. */
export class Version2Reader implements RequestReader {
  readonly #labels: SeriesLabels;
  readonly #knownSymbols = new KnownBytes<Symbol>();
  /** By the numbers of the symbols of their labels, since references mean others in each request. */
  readonly #known = new KnownBytes<Series>();
  readonly #numbers = new Uint32Array(MOST_IN_A_SERIES);
  readonly #bytes = Buffer.from(this.#numbers.buffer);
  readonly #view = new DataView(this.#numbers.buffer);
  #nextNumber = 0;

  constructor(labels: SeriesLabels) {
    this.#labels = labels;
  }

  *read(reading: Reading): Generator<undefined> {
    const { wire, left } = reading;
    const symbols: Symbol[] = [];
    const end = wire.bytes.length;
    for (let tag = wire.tag(end); tag !== 0; tag = wire.tag(end)) {
      left.takeFields(1);
      if (tag === SYMBOL) {
        left.takeLabels(1);
        symbols.push(this.#symbol(wire, wire.pass(end), wire.at));
      } else if (tag >>> 3 <= 3) wire.fail('this is a message of version 1.0, and not of 2.0');
      else wire.skip(tag, end);
      if (left.isPauseDue()) yield;
    }
    const parts = new SeriesParts();
    wire.at = 0;
    for (let tag = wire.tag(end); tag !== 0; tag = wire.tag(end)) {
      if (tag === TIMESERIES) this.#series(reading, wire.open(end), symbols, parts);
      else wire.skip(tag, end);
      if (left.isPauseDue()) yield;
    }
  }

  #symbol({ bytes, view }: Wire, start: number, end: number): Symbol {
    const read = () => ({ text: bytes.toString('utf8', start, end), number: this.#nextNumber++ });
    return this.#knownSymbols.of(bytes, view, start, end, read);
  }

  #series(reading: Reading, end: number, symbols: readonly Symbol[], parts: SeriesParts): void {
    const { wire, left } = reading;
    parts.reset();
    const refs: number[] = [];
    let metadata: Metadata | undefined;
    for (let tag = wire.tag(end); tag !== 0; tag = wire.tag(end)) {
      parts.countField();
      if (tag === LABEL_REFS) readRefs(wire, wire.open(end), refs);
      else if (tag === LABEL_REF) addRef(refs, wire.uint32(end));
      else if (tag === SAMPLE) parts.addSample(wire, end);
      else if (tag === METADATA) metadata = readMetadata(wire, wire.open(end), symbols);
      else if (tag === CREATED) parts.created = wire.int64(end);
      else if (tag === EXEMPLAR) parts.addExemplar(wire, end);
      else if (tag === HISTOGRAM) parts.addHistogram(wire, end);
      else wire.skip(tag, end);
    }
    if (refs.length % 2 > 0) wire.fail('a series has a label without a value');
    left.takeSeries(refs.length / 2, parts.samples.length / 2, parts.fields);
    const read = () => labelsOf(refs, symbols, wire);
    takeSeries(reading, this.#find(refs, symbols, wire, read), parts, () => metadata ?? UNKNOWN, read);
  }

  #find(refs: readonly number[], symbols: readonly Symbol[], wire: Wire, read: () => readonly Label[]): Series {
    const numbers = this.#numbers;
    for (let index = 0; index < refs.length; index++) {
      numbers[index] = symbolAt(refs[index] as number, symbols, wire).number;
    }
    const end = refs.length * numbers.BYTES_PER_ELEMENT;
    return this.#known.of(this.#bytes, this.#view, 0, end, () => this.#labels.read(read()));
  }
}

function readRefs(wire: Wire, end: number, refs: number[]): void {
  while (wire.at < end) addRef(refs, wire.uint32(end));
}

function addRef(refs: number[], ref: number): void {
  if (refs.length === MOST_IN_A_SERIES) failPart('a series');
  refs.push(ref);
}

function symbolAt(ref: number, symbols: readonly Symbol[], wire: Wire): Symbol {
  return symbols[ref] ?? wire.fail(`symbol ${ref} is used, and there are ${symbols.length}`);
}

function labelsOf(refs: readonly number[], symbols: readonly Symbol[], wire: Wire): Label[] {
  const text = (index: number) => symbolAt(refs[index] as number, symbols, wire).text;
  return Array.from({ length: refs.length / 2 }, (_, index) => [text(2 * index), text(2 * index + 1)]);
}

function readMetadata(wire: Wire, end: number, symbols: readonly Symbol[]): Metadata {
  let [type, help, unit] = [0, 0, 0];
  let fields = 0;
  for (let tag = wire.tag(end); tag !== 0; tag = wire.tag(end)) {
    if (++fields > MOST_IN_A_SERIES) failPart('the metadata of a series');
    if (tag === TYPE) type = wire.uint32(end);
    else if (tag === HELP_REF) help = wire.uint32(end);
    else if (tag === UNIT_REF) unit = wire.uint32(end);
    else wire.skip(tag, end);
  }
  if (type === 0 && help === 0 && unit === 0) return UNKNOWN;
  const text = (ref: number) => (ref === 0 ? '' : symbolAt(ref, symbols, wire).text);
  return { type, help: text(help), unit: text(unit) };
}
