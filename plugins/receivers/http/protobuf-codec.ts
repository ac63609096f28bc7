import { messageOf } from 'wattline/plugin';
import { RequestError } from './answer.ts';
import type { Codec } from './codec.ts';
import type { Message } from './message.ts';
import { otlpSchema } from './otlp-schema.ts';

/** OTLP in protobuf; loads the protobuf library. */
export async function loadProtobufCodec(): Promise<Codec> {
  const { default: protobuf } = await import('protobufjs/light.js');
  const root = protobuf.Root.fromJSON(otlpSchema);
  const requestType = root.lookupType('ExportMetricsServiceRequest');
  const responseType = root.lookupType('ExportMetricsServiceResponse');
  const statusType = root.lookupType('Status');
  return {
    contentType: 'application/x-protobuf',
    decodeRequest(body) {
      try {
        return requestType.decode(body) as unknown as Message;
      } catch (error) {
        const message = `the body is not an ExportMetricsServiceRequest in protobuf: ${messageOf(error)}`;
        throw new RequestError(400, message, { cause: error });
      }
    },
    encodeResponse: (partial) =>
      responseType.encode(responseType.create(partial && { partialSuccess: partial })).finish(),
    encodeStatus: (code, message) => statusType.encode(statusType.create({ code, message })).finish(),
  };
}
