import { jsonEncoding, type OtlpEncoding, protobufEncoding } from 'wattline/otlp';
import { messageOf } from 'wattline/plugin';

const TEXT_SHOWN = 300;

/** The reason in the body of an error answer: of a `google.rpc.Status` its message, else the text itself; cut to 300 characters. */
export function reasonIn(body: Uint8Array, contentType: string | null): string {
  return reasonBy(contentType?.split(';', 1)[0]?.trim(), body).trim().slice(0, TEXT_SHOWN);
}

function reasonBy(type: string | undefined, body: Uint8Array): string {
  const text = Buffer.from(body).toString();
  if (type === jsonEncoding.contentType) return messageBy(jsonEncoding, body, () => text) || text;
  const protobuf = protobufEncoding();
  if (type !== protobuf.contentType) return text;
  return messageBy(protobuf, body, (error) => `an answer that is not a google.rpc.Status (${messageOf(error)})`);
}

function messageBy(encoding: OtlpEncoding, body: Uint8Array, otherwise: (error: unknown) => string): string {
  try {
    return encoding.decodeStatus(body).message;
  } catch (error) {
    return otherwise(error);
  }
}
