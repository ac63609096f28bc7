import protobuf from 'protobufjs/light.js';
import { compressSync } from 'snappy';
import { type WriteMessage, writeVersions } from '../../src/prometheus/index.ts';

/**
 * The messages of remote write by an independent library. Names and numbers are those of `prompb/remote.proto`,
 * `prompb/types.proto` and `prompb/io/prometheus/write/v2/types.proto` of Prometheus; `createdTimestamp` is that of drafts
 * before 2.0-rc.4, where it moved to the sample as `startTimestamp`.
 */
const field = (id: number, type: string, rule?: 'repeated') => ({ id, type, ...(rule && { rule }) });
const list = (id: number, type: string) => field(id, type, 'repeated');
const sample = { value: field(1, 'double'), timestamp: field(2, 'int64') };
const root = protobuf.Root.fromJSON({
  nested: {
    WriteRequest: { fields: { timeseries: list(1, 'TimeSeries'), metadata: list(3, 'MetricMetadata') } },
    TimeSeries: {
      fields: {
        labels: list(1, 'Label'),
        samples: list(2, 'Sample'),
        exemplars: list(3, 'Exemplar'),
        histograms: list(4, 'Histogram'),
      },
    },
    Label: { fields: { name: field(1, 'string'), value: field(2, 'string') } },
    Sample: { fields: sample },
    Exemplar: { fields: { labels: list(1, 'Label'), ...{ value: field(2, 'double'), timestamp: field(3, 'int64') } } },
    Histogram: { fields: { countInt: field(1, 'uint64'), sum: field(3, 'double'), timestamp: field(15, 'int64') } },
    MetricMetadata: {
      fields: {
        type: field(1, 'uint32'),
        metricFamilyName: field(2, 'string'),
        help: field(4, 'string'),
        unit: field(5, 'string'),
      },
    },
    Request2: {
      fields: { symbols: list(4, 'string'), timeseries: list(5, 'TimeSeries2') },
    },
    TimeSeries2: {
      fields: {
        labelsRefs: list(1, 'uint32'),
        samples: list(2, 'Sample2'),
        histograms: list(3, 'Histogram'),
        exemplars: list(4, 'Exemplar2'),
        metadata: field(5, 'Metadata'),
        createdTimestamp: field(6, 'int64'),
      },
    },
    Sample2: { fields: { ...sample, startTimestamp: field(3, 'int64') } },
    Exemplar2: { fields: { labelsRefs: list(1, 'uint32'), value: field(2, 'double'), timestamp: field(3, 'int64') } },
    Metadata: { fields: { type: field(1, 'uint32'), helpRef: field(3, 'uint32'), unitRef: field(4, 'uint32') } },
  },
});
const types = {
  'prometheus.WriteRequest': root.lookupType('WriteRequest'),
  'io.prometheus.write.v2.Request': root.lookupType('Request2'),
};

/** A sample, at milliseconds since 1970. */
export interface PlainSample {
  readonly value: number;
  readonly timestamp: number;
  /** Of version 2.0 only. */
  readonly startTimestamp?: number;
}

/** A series as both versions say it. */
export interface PlainSeries {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples?: readonly PlainSample[];
  readonly exemplars?: readonly PlainSample[];
  readonly histograms?: readonly { readonly timestamp: number; readonly countInt?: number }[];
  /** Of version 2.0 only. */
  readonly metadata?: { readonly type: number; readonly help?: string; readonly unit?: string };
  readonly createdTimestamp?: number;
}

/** What a sender of version 1.0 says of a metric. */
export interface PlainMetadata {
  readonly type: number;
  readonly metricFamilyName: string;
  readonly help?: string;
  readonly unit?: string;
}

export const first: WriteMessage = 'prometheus.WriteRequest';
export const second: WriteMessage = 'io.prometheus.write.v2.Request';

/** Writes a request by protobufjs, uncompressed. */
export function writeRequest(
  message: WriteMessage,
  series: readonly PlainSeries[],
  metadata: readonly PlainMetadata[] = [],
): Buffer {
  const plain = message === first ? { timeseries: series.map(asFirst), metadata } : asSecond(series);
  return encode(message, plain);
}

/** Writes a message that has the fields of its .proto file. */
export function encode(message: WriteMessage, plain: object): Buffer {
  const type = types[message];
  return Buffer.from(type.encode(type.fromObject(plain)).finish());
}

/** Reads a message by protobufjs; throws where it cannot. */
export function decode(message: WriteMessage, body: Uint8Array): Record<string, unknown> {
  const type = types[message];
  return type.toObject(type.decode(body), { longs: Number, arrays: true, defaults: true });
}

/** The body and the headers of a request. */
export function posted(message: WriteMessage, body: Uint8Array) {
  const { header, contentType } = writeVersions[message];
  return {
    method: 'POST',
    body: new Uint8Array(compressSync(body)),
    headers: {
      'content-type': contentType,
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': header,
    },
  };
}

function asFirst({ labels, samples = [], exemplars = [], histograms = [] }: PlainSeries): object {
  return { labels: labels.map(([name, value]) => ({ name, value })), samples, exemplars, histograms };
}

function asSecond(series: readonly PlainSeries[]): object {
  const symbols = new Map([['', 0]]);
  const refOf = (text: string) => {
    const ref = symbols.get(text) ?? symbols.size;
    symbols.set(text, ref);
    return ref;
  };
  const timeseries = series.map(({ labels, metadata, samples, exemplars, histograms, createdTimestamp = 0 }) => ({
    labelsRefs: labels.flat().map(refOf),
    ...(metadata && {
      metadata: { type: metadata.type, helpRef: refOf(metadata.help ?? ''), unitRef: refOf(metadata.unit ?? '') },
    }),
    samples: samples ?? [],
    exemplars: exemplars ?? [],
    histograms: histograms ?? [],
    createdTimestamp,
  }));
  return { symbols: [...symbols.keys()], timeseries };
}
