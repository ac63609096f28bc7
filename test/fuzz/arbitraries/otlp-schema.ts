import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

const schema = readFileSync(new URL('../../../src/otlp/metrics.proto', import.meta.url), 'utf8');
const requestType = protobuf.parse(schema).root.lookupType('ExportMetricsServiceRequest');

/**
 * What protobufjs makes of a request in protobuf, as OTLP/JSON: only text keeps the sign of 0. Undefined where it refuses
 * it, or where there is more in it than it keeps, such as a field that comes twice.
 */
export function jsonByProtobufjs(body: Uint8Array): Buffer | undefined {
  const options = { longs: String, bytes: String, enums: String, json: true };
  let message: protobuf.Message;
  try {
    message = requestType.decode(body);
  } catch {
    return undefined;
  }
  if (requestType.encode(message).finish().length !== body.length) return undefined;
  const request = requestType.toObject(message, options);
  return Buffer.from(JSON.stringify(request, (_, value) => (Object.is(value, -0) ? '-0' : value)));
}
