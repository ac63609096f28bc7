import { messageOf } from '../errors.ts';
import { checkNothing, type OtlpEncoding } from './encoding.ts';
import type { ExportMetricsServiceRequest, ExportMetricsServiceResponse } from './generated/metrics.js';
import { readMessage } from './json-reader.ts';
import { mostMessages } from './message-type.ts';
import { OtlpError } from './otlp-error.ts';
import { readResource } from './resource.ts';
import { partialSuccessOf } from './response.ts';

/** OTLP in JSON. */
export const jsonEncoding: OtlpEncoding = {
  contentType: 'application/json',
  decodeRequest(body, checkFor = checkNothing) {
    const request = read('ExportMetricsServiceRequest', body) as unknown as ExportMetricsServiceRequest;
    return request.resource_metrics.map((message) => readResource(message, checkFor));
  },
  encodeResponse(partial) {
    if (!partial) return '{}';
    const { rejectedDataPoints, errorMessage } = partial;
    return JSON.stringify({ partialSuccess: { rejectedDataPoints: String(rejectedDataPoints), errorMessage } });
  },
  decodeResponse: (body) =>
    partialSuccessOf(read('ExportMetricsServiceResponse', body) as unknown as ExportMetricsServiceResponse),
  encodeStatus: ({ code, message }) => JSON.stringify({ code, message }),
  decodeStatus(body) {
    const { code, message } = read('Status', body);
    return { code: Number(code), message: String(message) };
  },
};

function read(message: string, body: Uint8Array): Record<string, unknown> {
  return readMessage(message, parse(body), { left: mostMessages(body.byteLength) });
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new OtlpError(`the body is not valid OTLP/JSON: ${messageOf(error)}`, { cause: error });
  }
}
