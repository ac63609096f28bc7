/** `wattline/otlp`: OTLP requests and their answers, in protobuf and in JSON. */
export { encodeRuns, OtlpAnswers } from './answers.ts';
export { type EncodeRequest, loadEncoder } from './encoder.ts';
export type { OtlpEncoding, PartialSuccess, RequestOptions, Status } from './encoding.ts';
export { numberOfHalves } from './fixed64.ts';
export { grpcFailure } from './grpc-failure.ts';
export { jsonEncoding } from './json.ts';
export type { CheckFor, RejectedPoints } from './metric.ts';
export { OtlpError, OtlpLimitError, type OtlpLimits } from './otlp-error.ts';
export type { CheckNumber, Flaw } from './points.ts';
export { type ProtobufOptions, protobufEncoding } from './protobuf.ts';
export type { ReadResource } from './resource.ts';
export { Texts } from './texts.ts';
/** How fields of protobuf are written. */
export * as wireTypes from './wire-types.ts';
