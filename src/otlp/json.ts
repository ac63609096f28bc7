import { messageOf } from '../errors.ts';
import { type OtlpEncoding, partialSuccessOf } from './encoding.ts';
import { readMessage } from './json-reader.ts';
import { mostMessages, OtlpError } from './otlp-error.ts';
import { readResource } from './resource.ts';
import type { Message, MessageName } from './schema.ts';

/** OTLP in JSON. */
export const jsonEncoding: OtlpEncoding = {
  contentType: 'application/json',
  decodeRequest: (body, checkFor) =>
    read('ExportMetricsServiceRequest', body).resourceMetrics.map((message) => readResource(message, { checkFor })),
  encodeResponse(partial) {
    if (!partial) return '{}';
    const { rejectedDataPoints, errorMessage } = partial;
    return JSON.stringify({ partialSuccess: { rejectedDataPoints: String(rejectedDataPoints), errorMessage } });
  },
  decodeResponse: (body) => partialSuccessOf(read('ExportMetricsServiceResponse', body)),
  encodeStatus: ({ code, message }) => JSON.stringify({ code, message }),
  decodeStatus: (body) => read('Status', body),
};

function read<Name extends MessageName>(name: Name, body: Uint8Array): Message<Name> {
  return readMessage(name, parse(body), { left: mostMessages(body.byteLength) }) as Message<Name>;
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new OtlpError(`the body is not valid OTLP/JSON: ${messageOf(error)}`, { cause: error });
  }
}
