import { forSender } from '../http/index.ts';
import { jsonEncoding, type OtlpLimits, protobufEncoding } from '../otlp/index.ts';
import type { SourceContext } from '../plugin/index.ts';
import { type Answer, mediaType, RequestError } from './answer.ts';
import { type BodyLimit, readBody } from './body.ts';
import type { Respond } from './open-requests.ts';
import { takeOtlp } from './otlp-request.ts';

/** The codes of `google.rpc.Status`. */
const CODES = { 400: 3, 413: 3, 415: 3, 503: 14 } as const;

/**
 * Returns what answers `POST /v1/metrics`: it reads OTLP/HTTP requests within `bodyLimit`, of which no more is
 * made than `limits` allow, hands every run over, and answers once all of them are settled.
 */
export function metricsEndpoint(ctx: SourceContext, bodyLimit: BodyLimit, limits: OtlpLimits): Respond {
  const encodings = new Map([jsonEncoding, protobufEncoding()].map((encoding) => [encoding.contentType, encoding]));
  return async (request, signal) => {
    const known = encodings.get(mediaType(request) ?? '');
    const encoding = known ?? jsonEncoding;
    const answer = (status: number, body: Answer['body']) => ({ status, contentType: encoding.contentType, body });
    try {
      if (!known) throw wrongType(request.headers['content-type']);
      const address = request.socket.remoteAddress;
      const body = await readBody(request, bodyLimit);
      return answer(200, encoding.encodeResponse(await takeOtlp(ctx, body, { encoding, limits, address, signal })));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      const status = { code: CODES[error.status], message: forSender(error.message) };
      return answer(error.status, encoding.encodeStatus(status));
    }
  };
}

function wrongType(contentType: string | undefined): RequestError {
  const what = contentType ? `the content type \`${contentType}\` is not taken here` : 'there is no content type';
  return new RequestError(415, `${what}; send application/json or application/x-protobuf`);
}
