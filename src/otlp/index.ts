/** `wattline/otlp`: OTLP requests and their answers, in protobuf and in JSON. */
export { type EncodeRequest, loadEncoder } from './encoder.ts';
export type { OtlpEncoding, PartialSuccess, Status } from './encoding.ts';
export { jsonEncoding } from './json.ts';
export type { CheckFor, RejectedPoints } from './metric.ts';
export { OtlpError } from './otlp-error.ts';
export type { CheckNumber, Flaw } from './points.ts';
export { type ProtobufOptions, protobufEncoding } from './protobuf.ts';
export type { ReadResource } from './resource.ts';
