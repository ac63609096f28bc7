import type { IncomingMessage } from 'node:http';
import {
  messageOf,
  type ParsedRun,
  type Refusal,
  RejectedError,
  readResults,
  type SourceContext,
} from 'wattline/plugin';
import { type Answer, jsonAnswer, RequestError } from './answer.ts';
import { readChunks } from './body.ts';
import type { EndpointOptions } from './metrics-endpoint.ts';
import { inParallel } from './parallel.ts';

/** How many refusals an answer lists. */
const LISTED = 100;
const CONTENT_TYPE = /^(?:application\/json|application\/x-ndjson|text\/.*)$/;

/** `POST /v1/results`: takes a results document or NDJSON, hands each run over as it is read, and says what came of them. */
export async function respondToResults(
  request: IncomingMessage,
  signal: AbortSignal,
  ctx: SourceContext,
  { bodyLimit, inFlight }: EndpointOptions,
): Promise<Answer> {
  const outcome = new Outcome(ctx);
  try {
    checkContentType(request.headers['content-type']);
    const runs = readResults(readChunks(request, bodyLimit), { fallbackTime: Date.now() / 1000 });
    await inParallel(runs, inFlight, (run) => handOver(run, ctx, signal, outcome));
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return jsonAnswer(error.status, { ...outcome.summary(), message: error.message });
  }
  return jsonAnswer(outcome.accepted > 0 || outcome.refusals === 0 ? 200 : 400, outcome.summary());
}

/** What is done at once costs no promise. */
function handOver(
  { batch, refusals }: ParsedRun,
  ctx: SourceContext,
  signal: AbortSignal,
  outcome: Outcome,
): Promise<void> | undefined {
  for (const refusal of refusals) outcome.refuse(refusal);
  if (!batch) return undefined;
  const accepted = () => {
    outcome.accepted++;
  };
  const failed = (error: unknown) => {
    if (!(error instanceof RejectedError)) throw new RequestError(503, messageOf(error), { cause: error });
    outcome.refuse({ item: 'run', reason: 'rejected', message: messageOf(error) });
  };
  try {
    const pending = ctx.next.consume(batch, signal);
    if (pending) return pending.then(accepted, failed);
    accepted();
  } catch (error) {
    failed(error);
  }
  return undefined;
}

/** What came of a request so far. */
class Outcome {
  accepted = 0;
  refusals = 0;
  readonly #ctx: SourceContext;
  readonly #listed: Refusal[] = [];

  constructor(ctx: SourceContext) {
    this.#ctx = ctx;
  }

  refuse({ item, reason, message }: Refusal): void {
    this.refusals++;
    if (this.#listed.length < LISTED) this.#listed.push({ item, reason, message });
    this.#ctx.skip({ item, reason, message });
  }

  summary() {
    return { accepted: this.accepted, refused: this.#listed, refused_total: this.refusals };
  }
}

function checkContentType(contentType: string | undefined): void {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (!type || CONTENT_TYPE.test(type)) return;
  throw new RequestError(415, `the content type \`${type}\` is not taken here; send application/json or text/plain`);
}
