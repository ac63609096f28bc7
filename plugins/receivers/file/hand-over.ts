import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { handOver, messageOf, type Outcome, type Run, type Sampling, type SourceContext } from 'wattline/plugin';
import { readResults } from 'wattline/results';
import { readChunks } from './read-chunks.ts';

/**
 * What became of a file: all of it is `settled`, or something `failed` that may succeed if the file is read again, or it
 * was `unreadable`, or it was `stopped` by the signal.
 */
export type FileOutcome = 'settled' | 'failed' | 'unreadable' | 'stopped';

export interface HandOverOptions {
  /** How the samples of runs that do not say it themselves are to be read. */
  readonly sampling?: Sampling | undefined;
  /** Is called with a number of bytes once the runs in them are on their way. */
  readonly onRead?: (bytes: number) => void;
}

/** Reads a results file run by run and hands the runs over; what is refused is counted, and the rest goes on. */
export async function handOverFile(
  path: string,
  ctx: SourceContext,
  signal: AbortSignal,
  { sampling, onRead }: HandOverOptions = {},
): Promise<FileOutcome> {
  const name = shortName(path);
  let runs = 0;
  let deferred = 0;
  let cause: Error | undefined;
  const lists = async function* () {
    const fallbackTime = (await stat(path)).mtimeMs / 1000;
    for await (const parsed of readResults(readChunks(path, signal, onRead), { fallbackTime, sampling })) {
      const list: Run[] = [];
      for (const { run, refusals } of parsed) {
        for (const refusal of refusals) ctx.skip({ ...refusal, message: `${name}: ${refusal.message}` });
        if (run) list.push(run);
      }
      runs += list.length;
      if (list.length) yield list;
    }
  };
  let unreadable: unknown;
  const onOutcome = (outcome: Outcome) => {
    for (const { reason, message } of outcome.refused)
      ctx.skip({ item: 'run', reason, message: `${name}: ${message}` });
    deferred += outcome.deferred.length;
    cause = outcome.cause ?? cause;
  };
  try {
    await handOver(ctx.next, lists(), { signal, onOutcome });
  } catch (error) {
    unreadable = error;
  }
  if (signal.aborted) return 'stopped';
  if (unreadable !== undefined) {
    ctx.skip({ item: 'file', reason: 'unreadable', message: `${name} cannot be read: ${messageOf(unreadable)}` });
    return 'unreadable';
  }
  const total = `${runs} run${runs === 1 ? '' : 's'}`;
  if (deferred > 0) {
    const what = `${deferred} of ${total} of ${name} were not delivered: ${messageOf(cause)}`;
    ctx.logger.error({ file: name, runs, failed: deferred }, what);
    return 'failed';
  }
  ctx.logger.info({ file: name, runs }, `read ${total} from ${name}`);
  return 'settled';
}

function shortName(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? path : short;
}
