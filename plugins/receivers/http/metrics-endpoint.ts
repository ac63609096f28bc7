import type { IncomingMessage } from 'node:http';
import { jsonEncoding, type OtlpEncoding, OtlpError, protobufEncoding } from 'wattline/otlp';
import { handOver, messageOf, type Outcome, type SourceContext } from 'wattline/plugin';
import { type Answer, RequestError } from './answer.ts';
import { readBody } from './body.ts';
import { checkFor, makeOtlpRun, type OtlpRun, type Rejection } from './otlp-run.ts';

/** How endpoints behave. */
export interface EndpointOptions {
  /** Bytes of a body, decompressed. */
  readonly bodyLimit: number;
}

/** The codes of `google.rpc.Status`. */
const CODES = { 400: 3, 413: 3, 415: 3, 503: 14 } as const;
/** How many reasons a partial success names. */
const NAMED = 10;

/** `POST /v1/metrics`: takes OTLP/HTTP requests, hands every run over, and answers once all of them are settled. */
export class MetricsEndpoint {
  readonly #ctx: SourceContext;
  readonly #options: EndpointOptions;
  readonly #protobuf = protobufEncoding();

  constructor(ctx: SourceContext, options: EndpointOptions) {
    this.#ctx = ctx;
    this.#options = options;
  }

  /** Works out the answer to a request. */
  async respond(request: IncomingMessage, signal: AbortSignal): Promise<Answer> {
    const known = this.#encodingFor(request.headers['content-type']);
    const encoding = known ?? jsonEncoding;
    const answer = (status: number, body: Answer['body']) => ({ status, contentType: encoding.contentType, body });
    try {
      if (!known) throw wrongType(request.headers['content-type']);
      const runs = readRuns(encoding, await readBody(request, this.#options.bodyLimit));
      const rejections = await this.#take(runs, signal);
      for (const { item, reason, message } of rejections) this.#ctx.skip({ item, reason, message });
      return answer(200, encoding.encodeResponse(summarize(rejections)));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return answer(error.status, encoding.encodeStatus({ code: CODES[error.status], message: error.message }));
    }
  }

  /** Hands the runs of a request over; returns what was rejected of them. Throws where one was deferred. */
  async #take(requests: readonly OtlpRun[], signal: AbortSignal): Promise<Rejection[]> {
    const rejections = requests.flatMap((request) => request.rejections);
    let cause: Error | undefined;
    const onOutcome = ({ refused, deferred, cause: why }: Outcome) => {
      for (const { run, message } of refused) {
        rejections.push({ item: 'run', reason: 'rejected', message, count: run.pointCount });
      }
      if (deferred.length) cause = why ?? new Error('the runs were not taken');
    };
    const runs = requests.map(({ run }) => run);
    await handOver(this.#ctx.next, [runs], { signal, onOutcome, stopsAtDeferral: true });
    if (cause) throw new RequestError(503, messageOf(cause), { cause });
    return rejections;
  }

  #encodingFor(contentType: string | undefined): OtlpEncoding | undefined {
    switch (contentType?.split(';', 1)[0]?.trim().toLowerCase()) {
      case jsonEncoding.contentType:
        return jsonEncoding;
      case this.#protobuf.contentType:
        return this.#protobuf;
      default:
        return undefined;
    }
  }
}

function readRuns(encoding: OtlpEncoding, body: Uint8Array): OtlpRun[] {
  try {
    return encoding.decodeRequest(body, checkFor).map(makeOtlpRun);
  } catch (error) {
    if (error instanceof OtlpError) throw new RequestError(400, error.message, { cause: error });
    throw error;
  }
}

function wrongType(contentType: string | undefined): RequestError {
  const what = contentType ? `the content type \`${contentType}\` is not taken here` : 'there is no content type';
  return new RequestError(415, `${what}; send application/json or application/x-protobuf`);
}

function summarize(rejections: readonly Rejection[]) {
  const rejectedDataPoints = rejections.reduce((sum, { count }) => sum + count, 0);
  if (rejectedDataPoints === 0) return undefined;
  const named = rejections.slice(0, NAMED).map(({ message }) => message);
  const more = rejections.length > NAMED ? [`and ${rejections.length - NAMED} more`] : [];
  return { rejectedDataPoints, errorMessage: [...named, ...more].join('; ') };
}
