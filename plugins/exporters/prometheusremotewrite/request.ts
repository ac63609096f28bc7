import type { Family, WriteMessage } from 'wattline/prometheus';
import { ProtobufWriter } from './protobuf-writer.ts';
import type { TimeSeries } from './time-series.ts';

/** A request, and what is in it. */
export interface WriteRequest {
  readonly body: Buffer;
  readonly samples: number;
}

/** The numbers of types, which both versions have alike. */
const TYPES = { counter: 1, gauge: 2, histogram: 3 } as const satisfies Record<Family['type'], number>;

/** A message while it is written. */
interface Message {
  /** How many bytes it has, or a few more. */
  readonly size: number;
  /** Returns the bytes of a series; nothing of it is in the message yet. */
  add(series: TimeSeries): void;
  finish(): Buffer;
}

/** How much longer a series is than its texts and samples of 18 bytes, at most: tags, lengths and references. */
const SAMPLE_BYTES = 22;
const LABEL_BYTES = 12;
const SERIES_BYTES = 40;

/**
 * Writes series as requests of no more than `most` bytes before they are compressed, unless a series alone is longer. The
 * names in `described` are those of the metrics that version 1.0 is to describe; version 2.0 describes all.
 */
export function* requestsOf(
  series: readonly TimeSeries[],
  message: WriteMessage,
  most: number,
  described: ReadonlySet<string>,
): Generator<WriteRequest> {
  const begin = (): Message => (message === 'prometheus.WriteRequest' ? new Version1(described) : new Version2());
  let current = begin();
  let samples = 0;
  for (const one of series) {
    if (samples > 0 && current.size + mostBytesOf(one) > most) {
      yield { body: current.finish(), samples };
      current = begin();
      samples = 0;
    }
    current.add(one);
    samples += one.times.length;
  }
  if (samples > 0) yield { body: current.finish(), samples };
}

/** Returns how many bytes a series takes at most: three for each UTF-16 unit of a text. */
function mostBytesOf({ labels, times, family }: TimeSeries): number {
  let bytes = SERIES_BYTES + SAMPLE_BYTES * times.length + 3 * (family.help.length + family.unit.length);
  for (const [name, value] of labels) bytes += LABEL_BYTES + 3 * (name.length + value.length);
  return bytes;
}

/** `prometheus.WriteRequest`: remote write 1.0. */
class Version1 implements Message {
  readonly #writer = new ProtobufWriter();
  readonly #left: Set<string>;

  constructor(described: ReadonlySet<string>) {
    this.#left = new Set(described);
  }

  get size(): number {
    return this.#writer.length;
  }

  add({ labels, times, values, family }: TimeSeries): void {
    const series = new ProtobufWriter();
    for (const [name, value] of labels) {
      const label = new ProtobufWriter();
      label.text(0x0a, name);
      label.text(0x12, value);
      series.bytes(0x0a, label.finish());
    }
    writeSamples(series, times, values);
    this.#writer.bytes(0x0a, series.finish());
    if (!this.#left.delete(family.name)) return;
    const metadata = new ProtobufWriter();
    metadata.integer(0x08, TYPES[family.type]);
    metadata.text(0x12, family.name);
    if (family.help) metadata.text(0x22, family.help);
    if (family.unit) metadata.text(0x2a, family.unit);
    this.#writer.bytes(0x1a, metadata.finish());
  }

  finish(): Buffer {
    return this.#writer.finish();
  }
}

/** `io.prometheus.write.v2.Request`: remote write 2.0. */
class Version2 implements Message {
  readonly #symbols = new Map([['', 0]]);
  readonly #symbolBytes = new ProtobufWriter();
  readonly #series = new ProtobufWriter();

  constructor() {
    this.#symbolBytes.text(0x22, '');
  }

  get size(): number {
    return this.#symbolBytes.length + this.#series.length;
  }

  add({ labels, times, values, family }: TimeSeries): void {
    const series = new ProtobufWriter();
    series.integers(
      0x0a,
      labels.flat().map((text) => this.#ref(text)),
    );
    writeSamples(series, times, values);
    const metadata = new ProtobufWriter();
    metadata.integer(0x08, TYPES[family.type]);
    metadata.integer(0x18, this.#ref(family.help));
    metadata.integer(0x20, this.#ref(family.unit));
    series.bytes(0x2a, metadata.finish());
    this.#series.bytes(0x2a, series.finish());
  }

  finish(): Buffer {
    return Buffer.concat([this.#symbolBytes.finish(), this.#series.finish()]);
  }

  #ref(text: string): number {
    const known = this.#symbols.get(text);
    if (known !== undefined) return known;
    const ref = this.#symbols.size;
    this.#symbols.set(text, ref);
    this.#symbolBytes.text(0x22, text);
    return ref;
  }
}

function writeSamples(series: ProtobufWriter, times: readonly number[], values: readonly number[]): void {
  for (const [index, time] of times.entries()) {
    const sample = new ProtobufWriter();
    sample.double(0x09, values[index] as number);
    sample.integer(0x10, time);
    series.bytes(0x12, sample.finish());
  }
}
