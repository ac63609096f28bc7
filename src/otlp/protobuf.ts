import { inTurns, type OtlpEncoding, type PartialSuccess, partialSuccessOf, type Status } from './encoding.ts';
import { KnownAttributes } from './known-attributes.ts';
import { messageTypes } from './message-type.ts';
import type { MetricOptions } from './metric.ts';
import type { OtlpLimits } from './otlp-error.ts';
import { readFields, readSlices } from './protobuf-reader.ts';
import { type ReadResource, readResource, readResourceInSlices } from './resource.ts';
import type { Message, MessageName } from './schema.ts';
import { Texts } from './texts.ts';
import { WireReader } from './wire-reader.ts';

const NOTHING = new Uint8Array();
/** A body of no more bytes is read in one go: that takes less than 10 ms, whatever is in it, and a fifth less than in slices. */
const SMALL = 128 * 1024;

/** How requests are read. */
export interface ProtobufOptions {
  /**
   * Whether they are runs that `loadEncoder` has written: the time 0 is one like any other, and an integer of an attribute
   * was a number, however large.
   */
  readonly isOwn?: boolean;
}

/** OTLP in protobuf. It keeps the texts and attributes that it has read last, to give the same again for the same bytes. */
export function protobufEncoding({ isOwn = false }: ProtobufOptions = {}): OtlpEncoding {
  const options = { texts: new Texts(), knownAttributes: new KnownAttributes(), keepsDigits: !isOwn };
  const readerOf = (body: Uint8Array, name: MessageName, limits?: OtlpLimits) =>
    new WireReader(body, messageTypes[name], options, limits);
  const read = <Name extends MessageName>(body: Uint8Array, name: Name): Message<Name> =>
    readFields[name](readerOf(body, name)) as Message<Name>;
  return {
    contentType: 'application/x-protobuf',
    decodeRequest: (body, checkFor) =>
      readRequest(readerOf(body, 'ExportMetricsServiceRequest'), { checkFor, knowsTime0: isOwn }),
    readResources(body, { checkFor, limits }) {
      const reader = readerOf(body, 'ExportMetricsServiceRequest', limits);
      const read = body.byteLength <= SMALL ? readRequest : readRequestInSlices;
      return inTurns(read(reader, { checkFor, knowsTime0: isOwn }));
    },
    encodeResponse: (partial) => (partial ? delimited(1, partialSuccess(partial)) : NOTHING),
    decodeResponse: (body) => partialSuccessOf(read(body, 'ExportMetricsServiceResponse')),
    encodeStatus,
    decodeStatus: (body) => read(body, 'Status'),
  };
}

/** Each resource is made into what the SDK has at once: what was read of all of them would take as much memory again. */
function readRequest(reader: WireReader, options: MetricOptions): ReadResource[] {
  const resources: ReadResource[] = [];
  for (let index = nextResource(reader, 0); index > 0; index = nextResource(reader, index)) {
    resources.push(readResource(readFields.ResourceMetrics(reader), options));
  }
  return resources;
}

function* readRequestInSlices(reader: WireReader, options: MetricOptions): Generator<ReadResource | undefined> {
  for (let index = nextResource(reader, 0); index > 0; index = nextResource(reader, index)) {
    yield yield* readResourceInSlices(yield* readSlices.ResourceMetrics(reader), options);
  }
}

/** Opens the next resource; returns the number of those that have been opened, or 0 where the request ends. */
function nextResource(reader: WireReader, opened: number): number {
  for (let id = reader.nextField(); id !== 0; id = reader.nextField()) {
    if (id !== 1) reader.skip();
    else {
      reader.open(opened);
      reader.left.take('resources');
      return opened + 1;
    }
  }
  return 0;
}

function partialSuccess({ rejectedDataPoints, errorMessage }: PartialSuccess): Uint8Array {
  return Buffer.concat([varintField(1, rejectedDataPoints), delimited(2, Buffer.from(errorMessage))]);
}

function encodeStatus({ code, message, retryAfter }: Status): Uint8Array {
  const status = Buffer.concat([varintField(1, code), delimited(2, Buffer.from(message))]);
  return retryAfter === undefined ? status : Buffer.concat([status, delimited(3, retryInfo(retryAfter))]);
}

/** A `google.protobuf.Any` with a `google.rpc.RetryInfo`. */
function retryInfo(seconds: number): Uint8Array {
  const info = delimited(1, varintField(1, seconds));
  return Buffer.concat([delimited(1, Buffer.from('type.googleapis.com/google.rpc.RetryInfo')), delimited(2, info)]);
}

function varintField(id: number, value: number): Uint8Array {
  return Buffer.from([id << 3, ...varint(value)]);
}

function delimited(id: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([(id << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))];
}
