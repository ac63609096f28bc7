import { handOver, messageOf, type Outcome, type Run, type SourceContext } from '../plugin/index.ts';
import { RequestError } from './answer.ts';

/**
 * Hands the runs of a request over, and calls `onOutcome` with what became of each list. Throws `RequestError` once a run was
 * deferred, since the sender sends all of them again.
 */
export async function deliver(
  next: SourceContext['next'],
  lists: Parameters<typeof handOver>[1],
  signal: AbortSignal,
  onOutcome: (outcome: Outcome, runs: readonly Run[]) => void,
): Promise<void> {
  let cause: Error | undefined;
  await handOver(next, lists, {
    signal,
    stopsAtDeferral: true,
    onOutcome(outcome, runs) {
      onOutcome(outcome, runs);
      if (outcome.deferred.length) cause = outcome.cause ?? new Error('the runs were not taken');
    },
  });
  if (cause) throw new RequestError(503, messageOf(cause), { cause });
}
