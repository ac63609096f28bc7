import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { forSender } from '../http/index.ts';
import {
  type OtlpEncoding,
  OtlpError,
  OtlpLimitError,
  type OtlpLimits,
  type PartialSuccess,
  type ReadResource,
} from '../otlp/index.ts';
import { messageOf, type SourceContext } from '../plugin/index.ts';
import { RequestError } from './answer.ts';
import { deliver } from './deliver.ts';
import { checkFor, makeOtlpRun, type OtlpRun, type Rejection } from './otlp-run.ts';
import { splitRun } from './split-run.ts';
import { requestTurns } from './turnstile.ts';

/** How many reasons a partial success names. */
const NAMED = 10;
/** How many rejections are counted before others have a turn. */
const TURN = 1000;

/** The settings of a receiver of OTLP that say how much one request may make. Each reader gets schemas of its own. */
export const limitSettings = {
  get max_resources() {
    return z.int().positive().default(20_000).describe('The most resources of an OTLP request');
  },
  get max_metrics() {
    return z.int().positive().default(100_000).describe('The most metrics of an OTLP request, with their scopes');
  },
  get max_points() {
    return z.int().positive().default(250_000).describe('The most points of an OTLP request');
  },
  get max_attributes() {
    return z
      .int()
      .positive()
      .default(1_000_000)
      .describe('The most attributes of an OTLP request, those of its resources and of its points');
  },
};

/** The limits that a configuration with `limitSettings` asks for. */
export function limitsOf(config: { readonly [Key in keyof typeof limitSettings]: number }): OtlpLimits {
  return {
    resources: config.max_resources,
    metrics: config.max_metrics,
    points: config.max_points,
    attributes: config.max_attributes,
  };
}

/** Where a request came from and how it is read. */
interface RequestOptions {
  readonly encoding: OtlpEncoding;
  /** What no more is made of it than. */
  readonly limits: OtlpLimits;
  /** The address of the sender, without a port. */
  readonly address: string | undefined;
  /** Says that nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/**
 * Reads an `ExportMetricsServiceRequest` and hands its runs over. Resolves once all of them are settled, with what its sender
 * is to learn of those that were rejected for good. Throws `RequestError` where it is malformed, is beyond a limit, or is to be sent again.
 */
export async function takeOtlp(
  ctx: SourceContext,
  body: Uint8Array,
  { encoding, limits, address, signal }: RequestOptions,
): Promise<PartialSuccess | undefined> {
  await requestTurns.enter();
  if (signal.aborted) throw new RequestError(503, messageOf(signal.reason));
  const requests = await readRuns(encoding, body, limits, address);
  const rejections = requests.flatMap((request) => request.rejections);
  const runs = requests.flatMap(({ run }) => splitRun(run));
  await deliver(ctx.next, [runs], signal, ({ refused }) => {
    for (const { run, reason, message, points = run.pointCount } of refused) {
      rejections.push({ item: 'run', reason, message, count: points });
    }
  });
  for (const [index, { item, reason, message }] of rejections.entries()) {
    ctx.skip({ item, reason, message });
    if (index % TURN === TURN - 1) await nextTurn();
  }
  return summarize(rejections);
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

function summarize(rejections: readonly Rejection[]): PartialSuccess | undefined {
  const rejectedDataPoints = rejections.reduce((sum, { count }) => sum + count, 0);
  if (rejectedDataPoints === 0) return undefined;
  const named = rejections.slice(0, NAMED).map(({ message }) => forSender(message));
  const more = rejections.length > NAMED ? [`and ${rejections.length - NAMED} more`] : [];
  return { rejectedDataPoints, errorMessage: [...named, ...more].join('; ') };
}
