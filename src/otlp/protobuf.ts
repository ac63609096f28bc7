import { checkNothing, type OtlpEncoding } from './encoding.ts';
import { readExportMetricsServiceResponse, readResourceMetrics, readStatus } from './generated/metrics.js';
import type { CheckFor } from './metric.ts';
import { OtlpError } from './otlp-error.ts';
import { type ReadResource, readResource } from './resource.ts';
import { type PartialSuccess, partialSuccessOf, type Status } from './response.ts';
import { Texts } from './texts.ts';
import { WireReader } from './wire-reader.ts';

const REQUEST = 'ExportMetricsServiceRequest';
const RESPONSE = 'ExportMetricsServiceResponse';
const STATUS = 'Status';
const NOTHING = new Uint8Array();

/**
 * OTLP in protobuf. It keeps the texts that it has read last, to make the same again of the same bytes. Where a field that
 * is no list holds a message twice, the last counts: generated code does not merge them, and no sender writes that.
 */
export function protobufEncoding(): OtlpEncoding {
  const texts = new Texts();
  return {
    contentType: 'application/x-protobuf',
    decodeRequest: (body, checkFor = checkNothing) => {
      try {
        return readRequest(new WireReader(body, REQUEST, texts), checkFor);
      } catch (error) {
        // A message that is written as a number is entered without its depth being known.
        if (!(error instanceof RangeError)) throw error;
        throw new OtlpError('the body is not valid OTLP in protobuf: it is nested too deep', { cause: error });
      }
    },
    encodeResponse: (partial) => (partial ? delimited(1, partialSuccess(partial)) : NOTHING),
    decodeResponse: (body) => {
      const reader = new WireReader(body, RESPONSE, texts);
      return partialSuccessOf(finished(reader, readExportMetricsServiceResponse(reader)));
    },
    encodeStatus,
    decodeStatus: (body) => {
      const reader = new WireReader(body, STATUS, texts);
      const { code, message } = finished(reader, readStatus(reader));
      return { code: Number(code), message };
    },
  };
}

/** Each resource is made into what the SDK has at once: what was read of all of them would take as much memory again. */
function readRequest(reader: WireReader, checkFor: CheckFor): ReadResource[] {
  const resources: ReadResource[] = [];
  for (let field = reader.nextField(); field !== 0; field = reader.nextField()) {
    if (field !== 1) continue;
    resources.push(readResource(readResourceMetrics(reader, reader.readVarint() + reader.pos), checkFor));
  }
  return finished(reader, resources);
}

function finished<T>(reader: WireReader, value: T): T {
  reader.finish();
  return value;
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
