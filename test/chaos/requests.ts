import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';

const TIMEOUT = 5000;

/** A request to Wattline's receiver `http`. */
export interface Request {
  readonly path: string;
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  /** Whether the body of an answer with status 200 says that all was taken. */
  readonly isTaken: (answer: Buffer) => boolean;
}

/** The encodings of OTLP. */
export const otlpRequests: readonly ((resources: readonly ResourceMetrics[]) => Request)[] = [
  (resources) => ({
    path: '/v1/metrics',
    type: 'application/x-protobuf',
    // Messages one after the other are one message with all that is in their lists.
    body: Buffer.concat(resources.map((one) => ProtobufMetricsSerializer.serializeRequest(one) ?? new Uint8Array())),
    isTaken: (answer) => answer.length === 0,
  }),
  (resources) => ({
    path: '/v1/metrics',
    type: 'application/json',
    body: Buffer.from(JSON.stringify({ resourceMetrics: resources.flatMap(inJson) })),
    isTaken: (answer) => String(answer) === '{}',
  }),
];

/** Posts a request to a port of loopback. Returns whether it was acknowledged; throws at an answer other than 200 and 503. */
export async function post(port: number, { path, type, body, isTaken }: Request): Promise<boolean> {
  let status: number;
  let answer: Buffer;
  try {
    const signal = AbortSignal.timeout(TIMEOUT);
    const headers = { 'content-type': type };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers, body, signal });
    status = response.status;
    answer = Buffer.from(await response.arrayBuffer());
  } catch {
    // It has been killed, or is not there yet.
    return false;
  }
  if (status === 503) return false;
  if (status !== 200 || !isTaken(answer)) throw new Error(`${path} was answered ${status}: ${answer}`);
  return true;
}

function inJson(resource: ResourceMetrics): unknown[] {
  const bytes = JsonMetricsSerializer.serializeRequest(resource) ?? new Uint8Array();
  return (JSON.parse(String(Buffer.from(bytes))) as { resourceMetrics: unknown[] }).resourceMetrics;
}
