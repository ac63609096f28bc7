import { setImmediate as nextTurn } from 'node:timers/promises';
import { forSender } from 'wattline/http';
import {
  jsonEncoding,
  type OtlpEncoding,
  OtlpError,
  OtlpLimitError,
  type OtlpLimits,
  protobufEncoding,
  type ReadResource,
} from 'wattline/otlp';
import type { SourceContext } from 'wattline/plugin';
import { type Answer, mediaType, RequestError } from './answer.ts';
import { readBody } from './body.ts';
import { deliver } from './deliver.ts';
import type { Respond } from './open-requests.ts';
import { checkFor, makeOtlpRun, type OtlpRun, type Rejection } from './otlp-run.ts';

/** The codes of `google.rpc.Status`. */
const CODES = { 400: 3, 413: 3, 415: 3, 503: 14 } as const;
/** How many reasons a partial success names. */
const NAMED = 10;
/** How many rejections are counted before others have a turn. */
const TURN = 1000;

/**
 * Returns what answers `POST /v1/metrics`: it reads OTLP/HTTP requests of at most `bodyLimit` bytes, of which no
 * more is made than `limits` allow, hands every run over,
 * and answers once all of them are settled.
 */
export function metricsEndpoint(ctx: SourceContext, bodyLimit: number, limits: OtlpLimits): Respond {
  const encodings = new Map([jsonEncoding, protobufEncoding()].map((encoding) => [encoding.contentType, encoding]));
  return async (request, signal) => {
    const known = encodings.get(mediaType(request) ?? '');
    const encoding = known ?? jsonEncoding;
    const answer = (status: number, body: Answer['body']) => ({ status, contentType: encoding.contentType, body });
    try {
      if (!known) throw wrongType(request.headers['content-type']);
      const { remoteAddress } = request.socket;
      const runs = await readRuns(encoding, await readBody(request, bodyLimit), limits, remoteAddress);
      const rejections = await take(ctx, runs, signal);
      for (const [index, { item, reason, message }] of rejections.entries()) {
        ctx.skip({ item, reason, message });
        if (index % TURN === TURN - 1) await nextTurn();
      }
      return answer(200, encoding.encodeResponse(summarize(rejections)));
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return answer(
        error.status,
        encoding.encodeStatus({ code: CODES[error.status], message: forSender(error.message) }),
      );
    }
  };
}

async function readRuns(
  encoding: OtlpEncoding,
  body: Uint8Array,
  limits: OtlpLimits,
  address: string | undefined,
): Promise<OtlpRun[]> {
  const runs: OtlpRun[] = [];
  try {
    for await (const resources of encoding.readResources(body, { checkFor, limits })) {
      for (const resource of resources) if (!isEmpty(resource)) runs.push(makeOtlpRun(resource, address));
    }
    return runs;
  } catch (error) {
    if (error instanceof OtlpLimitError) {
      const setting = error.limit ? `, which is max_${error.limit}` : '';
      throw new RequestError(413, `${error.message}${setting}`, { cause: error });
    }
    if (error instanceof OtlpError) throw new RequestError(400, error.message, { cause: error });
    throw error;
  }
}

/** Whether a resource says nothing: neither what it is, nor any metric. */
function isEmpty({ resource, scopeMetrics, rejected }: ReadResource): boolean {
  if (rejected.length > 0 || scopeMetrics.some(({ metrics }) => metrics.length > 0)) return false;
  return Object.keys(resource.attributes).length === 0;
}

/** Hands the runs of a request over; returns what was rejected of them. */
async function take(ctx: SourceContext, requests: readonly OtlpRun[], signal: AbortSignal): Promise<Rejection[]> {
  const rejections = requests.flatMap((request) => request.rejections);
  const runs = requests.map(({ run }) => run);
  await deliver(ctx.next, [runs], signal, ({ refused }) => {
    for (const { run, reason, message, points = run.pointCount } of refused) {
      rejections.push({ item: 'run', reason, message, count: points });
    }
  });
  return rejections;
}

function wrongType(contentType: string | undefined): RequestError {
  const what = contentType ? `the content type \`${contentType}\` is not taken here` : 'there is no content type';
  return new RequestError(415, `${what}; send application/json or application/x-protobuf`);
}

function summarize(rejections: readonly Rejection[]) {
  const rejectedDataPoints = rejections.reduce((sum, { count }) => sum + count, 0);
  if (rejectedDataPoints === 0) return undefined;
  const named = rejections.slice(0, NAMED).map(({ message }) => forSender(message));
  const more = rejections.length > NAMED ? [`and ${rejections.length - NAMED} more`] : [];
  return { rejectedDataPoints, errorMessage: [...named, ...more].join('; ') };
}
