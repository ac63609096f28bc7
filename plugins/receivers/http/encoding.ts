import type { Answer } from './answer.ts';
import type { Codec, PartialSuccess } from './codec.ts';
import { jsonCodec } from './json-codec.ts';
import { convertRequest, type OtlpRun } from './otlp-run.ts';
import { readRequest } from './protobuf/request.ts';
import { Texts } from './protobuf/texts.ts';
import { loadProtobufCodec } from './protobuf-codec.ts';

/** How requests and answers are written; what it needs for that is loaded when it is needed. */
export interface Encoding {
  readonly contentType: string;
  /** Reads an `ExportMetricsServiceRequest`. Throws `RequestError` where it is malformed. */
  readRuns(body: Buffer): OtlpRun[] | Promise<OtlpRun[]>;
  /** Writes an `ExportMetricsServiceResponse`. */
  encodeResponse(partial: PartialSuccess | undefined): Answer['body'] | Promise<Answer['body']>;
  /** Writes a `google.rpc.Status`. */
  encodeStatus(code: number, message: string): Answer['body'] | Promise<Answer['body']>;
}

export const jsonEncoding: Encoding = {
  ...jsonCodec,
  readRuns: (body) => convertRequest(jsonCodec.decodeRequest(body)),
};

/** OTLP in protobuf: whole successes, and requests as senders write them, need no protobuf library. */
export function protobufEncoding(): Encoding {
  const texts = new Texts();
  const success = new Uint8Array();
  let loading: Promise<Codec> | undefined;
  const load = () => {
    loading ??= loadProtobufCodec();
    return loading;
  };
  return {
    contentType: 'application/x-protobuf',
    readRuns: (body) => readRequest(body, texts) ?? load().then((codec) => convertRequest(codec.decodeRequest(body))),
    encodeResponse: (partial) => (partial ? load().then((codec) => codec.encodeResponse(partial)) : success),
    encodeStatus: (code, message) => load().then((codec) => codec.encodeStatus(code, message)),
  };
}
