import { inTurns, type OtlpEncoding, partialSuccessOf, type RequestOptions } from './encoding.ts';
import { readMessage, readResources } from './json-reader.ts';
import { JsonText } from './json-text.ts';
import { type ReadResource, readResourceInSlices } from './resource.ts';
import type { Message, MessageName } from './schema.ts';

/** OTLP in JSON. */
export const jsonEncoding: OtlpEncoding = {
  contentType: 'application/json',
  decodeRequest: (body, checkFor) =>
    [...readRequest(body, { ...(checkFor && { checkFor }) })].filter((one) => one !== undefined),
  readResources: (body, options) => inTurns(readRequest(body, options)),
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
  const json = new JsonText(body);
  const message = readMessage(json, name);
  json.end();
  return message as Message<Name>;
}

/** Each resource is made into what the SDK has at once: what was read of all of them would take as much memory again. */
function* readRequest(
  body: Uint8Array,
  { checkFor, limits }: Partial<RequestOptions>,
): Generator<ReadResource | undefined> {
  for (const message of readResources(new JsonText(body, limits))) {
    if (message) yield yield* readResourceInSlices(message, { checkFor });
    else yield;
  }
}
