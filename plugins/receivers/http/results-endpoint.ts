import type { IncomingMessage } from 'node:http';
import { handOver, messageOf, type Outcome, type Run, type SourceContext } from 'wattline/plugin';
import { type ResultRefusal, readResults } from 'wattline/results';
import { type Answer, jsonAnswer, RequestError } from './answer.ts';
import { readChunks } from './body.ts';
import type { EndpointOptions } from './metrics-endpoint.ts';

/** How many refusals an answer lists. */
const LISTED = 100;
const CONTENT_TYPE = /^(?:application\/json|application\/x-ndjson|text\/.*)$/;

/** `POST /v1/results`: takes a results document or NDJSON, hands each run over as it is read, and says what came of them. */
export async function respondToResults(
  request: IncomingMessage,
  signal: AbortSignal,
  ctx: SourceContext,
  { bodyLimit }: EndpointOptions,
): Promise<Answer> {
  const summary = new Summary(ctx);
  const lists = async function* () {
    for await (const parsed of readResults(readChunks(request, bodyLimit), { fallbackTime: Date.now() / 1000 })) {
      for (const { refusals } of parsed) for (const refusal of refusals) summary.refuse(refusal);
      yield parsed.flatMap(({ run }) => run ?? []);
    }
  };
  let cause: Error | undefined;
  const onOutcome = ({ refused, deferred, cause: why }: Outcome, runs: readonly Run[]) => {
    summary.accepted += runs.length - refused.length - deferred.length;
    for (const { reason, message } of refused) summary.refuse({ item: 'run', reason, message });
    if (deferred.length) cause = why ?? new Error('the runs were not taken');
  };
  try {
    checkContentType(request.headers['content-type']);
    await handOver(ctx.next, lists(), { signal, onOutcome, stopsAtDeferral: true });
    if (cause) throw new RequestError(503, messageOf(cause), { cause });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return jsonAnswer(error.status, { ...summary.counts(), message: error.message });
  }
  return jsonAnswer(summary.accepted > 0 || summary.refusals === 0 ? 200 : 400, summary.counts());
}

/** What came of a request so far. */
class Summary {
  accepted = 0;
  refusals = 0;
  readonly #ctx: SourceContext;
  readonly #listed: ResultRefusal[] = [];

  constructor(ctx: SourceContext) {
    this.#ctx = ctx;
  }

  refuse({ item, reason, message }: ResultRefusal): void {
    this.refusals++;
    if (this.#listed.length < LISTED) this.#listed.push({ item, reason, message });
    this.#ctx.skip({ item, reason, message });
  }

  counts() {
    return { accepted: this.accepted, refused: this.#listed, refused_total: this.refusals };
  }
}

function checkContentType(contentType: string | undefined): void {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (!type || CONTENT_TYPE.test(type)) return;
  throw new RequestError(415, `the content type \`${type}\` is not taken here; send application/json or text/plain`);
}
