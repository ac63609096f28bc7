import { type OtlpEncoding, type PartialSuccess, partialSuccessOf, type Status } from './encoding.ts';
import { KnownAttributes } from './known-attributes.ts';
import { messageTypes } from './message-type.ts';
import type { MetricOptions } from './metric.ts';
import { readFields } from './protobuf-reader.ts';
import { type ReadResource, readResource } from './resource.ts';
import type { Message, MessageName } from './schema.ts';
import { Texts } from './texts.ts';
import { WireReader } from './wire-reader.ts';

const NOTHING = new Uint8Array();

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
  const readerOf = (body: Uint8Array, name: MessageName) => new WireReader(body, messageTypes[name], options);
  const read = <Name extends MessageName>(body: Uint8Array, name: Name): Message<Name> =>
    readFields[name](readerOf(body, name)) as Message<Name>;
  return {
    contentType: 'application/x-protobuf',
    decodeRequest: (body, checkFor) =>
      readRequest(readerOf(body, 'ExportMetricsServiceRequest'), { checkFor, knowsTime0: isOwn }),
    encodeResponse: (partial) => (partial ? delimited(1, partialSuccess(partial)) : NOTHING),
    decodeResponse: (body) => partialSuccessOf(read(body, 'ExportMetricsServiceResponse')),
    encodeStatus,
    decodeStatus: (body) => read(body, 'Status'),
  };
}

/** Each resource is made into what the SDK has at once: what was read of all of them would take as much memory again. */
function readRequest(reader: WireReader, options: MetricOptions): ReadResource[] {
  const resources: ReadResource[] = [];
  for (let id = reader.nextField(); id !== 0; id = reader.nextField()) {
    if (id !== 1) reader.skip();
    else {
      reader.open(resources.length);
      resources.push(readResource(readFields.ResourceMetrics(reader), options));
    }
  }
  return resources;
}

function partialSuccess({ rejectedDataPoints, errorMessage }: PartialSuccess): Uint8Array {
  return Buffer.concat([varintField(1, rejectedDataPoints), delimited(2, Buffer.from(errorMessage))]);
}

function encodeStatus({ code, message }: Status): Uint8Array {
  return Buffer.concat([varintField(1, code), delimited(2, Buffer.from(message))]);
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
