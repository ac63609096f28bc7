import { Texts } from 'wattline/otlp';
import { KnownBytes } from './known-bytes.ts';
import { failPart, MOST_IN_A_SERIES } from './limits.ts';
import type { MetadataMemory } from './metadata.ts';
import { type Reading, type RequestReader, SAMPLE, SeriesParts, takeSeries } from './request-reader.ts';
import type { Label, Series, SeriesLabels } from './series.ts';
import type { Wire } from './wire.ts';

/** The fields of `prometheus.WriteRequest`, by their tags: number × 8 + wire type. */
const TIMESERIES = 0x0a;
const METADATA = 0x1a;
/** Of a series. */
const LABEL = 0x0a;
const EXEMPLAR = 0x1a;
const HISTOGRAM = 0x22;
/** Of a label. */
const NAME = 0x0a;
const VALUE = 0x12;
/** Of metadata. */
const TYPE = 0x08;
const FAMILY = 0x12;
const HELP = 0x22;
const UNIT = 0x2a;

/** Reads `prometheus.WriteRequest`, which is remote write 1.0. */
export class Version1Reader implements RequestReader {
  readonly #labels: SeriesLabels;
  readonly #metadata: MetadataMemory;
  readonly #known = new KnownBytes<Series>();
  readonly #texts = new Texts();
  readonly #metadataOf = (name: string) => this.#metadata.of(name);

  constructor(labels: SeriesLabels, metadata: MetadataMemory) {
    this.#labels = labels;
    this.#metadata = metadata;
  }

  *read(reading: Reading): Generator<undefined> {
    const { wire, left } = reading;
    const parts = new SeriesParts();
    const end = wire.bytes.length;
    for (let tag = wire.tag(end); tag !== 0; tag = wire.tag(end)) {
      left.takeFields(1);
      if (tag === TIMESERIES) this.#series(reading, wire.open(end), parts);
      else if (tag === METADATA) this.#note(wire, wire.open(end));
      else if (tag >>> 3 === 4 || tag >>> 3 === 5) wire.fail('this is a message of version 2.0, and not of 1.0');
      else wire.skip(tag, end);
      if (left.isPauseDue()) yield;
    }
  }

  #series(reading: Reading, end: number, parts: SeriesParts): void {
    const { wire, left } = reading;
    parts.reset();
    // Senders write the labels first, one after the other.
    const start = wire.at;
    let labels = 0;
    let [labelsEnd, isSplit] = [start, false];
    for (let at = wire.at, tag = wire.tag(end); tag !== 0; at = wire.at, tag = wire.tag(end)) {
      parts.countField();
      if (tag === LABEL) {
        wire.pass(end);
        labels++;
        isSplit ||= at !== labelsEnd;
        labelsEnd = wire.at;
      } else if (tag === SAMPLE) parts.addSample(wire, end);
      else if (tag === EXEMPLAR) parts.addExemplar(wire, end);
      else if (tag === HISTOGRAM) parts.addHistogram(wire, end);
      else wire.skip(tag, end);
    }
    left.takeSeries(labels, parts.samples.length / 2, parts.fields);
    const read = () => this.#readLabels(wire, start, end);
    const make = () => this.#labels.read(read());
    const series = isSplit ? make() : this.#known.of(wire.bytes, wire.view, start, labelsEnd, make);
    takeSeries(reading, series, parts, this.#metadataOf, read);
  }

  /** Reads the labels among the fields of a series. */
  #readLabels(wire: Wire, start: number, end: number): Label[] {
    const after = wire.at;
    const labels: Label[] = [];
    wire.at = start;
    for (let tag = wire.tag(end); tag !== 0; tag = wire.tag(end)) {
      if (tag === LABEL) labels.push(this.#readLabel(wire, wire.open(end)));
      else wire.skip(tag, end);
    }
    wire.at = after;
    return labels;
  }

  #readLabel(wire: Wire, end: number): Label {
    let [name, value] = ['', ''];
    for (let tag = wire.tag(end); tag !== 0; tag = wire.tag(end)) {
      if (tag === NAME) name = this.#text(wire, end);
      else if (tag === VALUE) value = this.#text(wire, end);
      else wire.skip(tag, end);
    }
    return [name, value];
  }

  #note(wire: Wire, end: number): void {
    let [type, name, help, unit] = [0, '', '', ''];
    let fields = 0;
    for (let tag = wire.tag(end); tag !== 0; tag = wire.tag(end)) {
      if (++fields > MOST_IN_A_SERIES) failPart('the metadata of a metric');
      if (tag === TYPE) type = wire.uint32(end);
      else if (tag === FAMILY) name = this.#text(wire, end);
      else if (tag === HELP) help = this.#text(wire, end);
      else if (tag === UNIT) unit = this.#text(wire, end);
      else wire.skip(tag, end);
    }
    this.#metadata.note(name, { type, help, unit });
  }

  #text(wire: Wire, end: number): string {
    return this.#texts.read(wire.bytes, wire.pass(end), wire.at);
  }
}
