import { forSender } from 'wattline/http';
import type { SourceContext } from 'wattline/plugin';
import {
  type BodyLimit,
  deliver,
  jsonAnswer,
  mediaType,
  RequestError,
  type Respond,
  readChunks,
} from 'wattline/receiving';
import { type ResultRefusal, ResultsLimitError, type ResultsOptions, readResults } from 'wattline/results';

/** How many refusals an answer lists. */
const LISTED = 100;
const CONTENT_TYPE = /^(?:application\/json|application\/x-ndjson|text\/.*)$/;

/** How many runs a request may have, how many bytes a run, and how its times are read. */
type ReadOptions = Required<Pick<ResultsOptions, 'maxRuns' | 'maxRunBytes' | 'timeZone'>>;

/**
 * Returns what answers `POST /v1/results`: it reads a results document or NDJSON within `bodyLimit`, hands each run
 * over as it is read, and answers with what became of them.
 */
export function resultsEndpoint(ctx: SourceContext, bodyLimit: BodyLimit, reading: ReadOptions): Respond {
  return async (request, signal) => {
    let accepted = 0;
    let total = 0;
    const listed: ResultRefusal[] = [];
    const refuse = ({ item, reason, message }: ResultRefusal) => {
      total++;
      if (listed.length < LISTED) listed.push({ item, reason, message: forSender(message) });
      ctx.skip({ item, reason, message });
    };
    const answer = (status: number, message?: string) =>
      jsonAnswer(status, { accepted, refused: listed, refused_total: total, message });
    const lists = async function* () {
      // Nobody has handed it on since it was made, as people do with files.
      const options = { fallbackTime: Date.now() / 1000, ...reading };
      for await (const parsed of readResults(readChunks(request, bodyLimit), options)) {
        for (const { refusals } of parsed) refusals.forEach(refuse);
        yield parsed.flatMap(({ run }) => run ?? []);
      }
    };
    try {
      checkMediaType(mediaType(request));
      await deliver(ctx.next, lists(), signal, ({ refused, deferred }, runs) => {
        accepted += runs.length - refused.length - deferred.length;
        for (const { reason, message } of refused) refuse({ item: 'run', reason, message });
      });
    } catch (error) {
      if (error instanceof ResultsLimitError) return answer(413, `${error.message}, which is max_runs`);
      if (!(error instanceof RequestError)) throw error;
      return answer(error.status, forSender(error.message));
    }
    return answer(accepted > 0 || total === 0 ? 200 : 400);
  };
}

function checkMediaType(type: string | undefined): void {
  if (!type || CONTENT_TYPE.test(type)) return;
  throw new RequestError(415, `the content type \`${type}\` is not taken here; send application/json or text/plain`);
}
