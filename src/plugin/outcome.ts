import type { Run } from '../model/run.ts';

/** A run that is not to be sent again, and why. */
export interface Refusal {
  readonly run: Run;
  /** A word in lower_snake_case. */
  readonly reason: string;
  readonly message: string;
  /** How many of its points are refused, where the others were taken. */
  readonly points?: number;
}

/** What became of runs that were handed over: those that are neither refused nor deferred have been taken. */
export interface Outcome {
  /** Never to be sent again. */
  readonly refused: readonly Refusal[];
  /** Not taken, and to be sent again after a while. */
  readonly deferred: readonly Run[];
  /** Why runs were deferred; of several reasons the last one. */
  readonly cause?: Error | undefined;
}

/** Everything was taken. */
export const allTaken: Outcome = Object.freeze({ refused: Object.freeze([]), deferred: Object.freeze([]) });

/** Returns the outcome of runs none of which was taken, and which may be sent again. */
export function deferAll(deferred: readonly Run[], cause: Error): Outcome {
  return { refused: [], deferred, cause };
}

/** Returns the outcome of runs none of which will ever be taken. */
export function refuseAll(runs: readonly Run[], reason: string, message: string): Outcome {
  return { refused: runs.map((run) => ({ run, reason, message })), deferred: [] };
}

/** Returns whether everything was taken. */
export function isAllTaken({ refused, deferred }: Outcome): boolean {
  return refused.length === 0 && deferred.length === 0;
}

/** Returns what became of all runs of several hand-overs. */
export function joinOutcomes(outcomes: readonly Outcome[]): Outcome {
  const telling = outcomes.filter((outcome) => !isAllTaken(outcome));
  const [first] = telling;
  if (!first || telling.length === 1) return first ?? allTaken;
  return {
    refused: telling.flatMap(({ refused }) => refused),
    deferred: telling.flatMap(({ deferred }) => deferred),
    cause: telling.findLast(({ cause }) => cause)?.cause,
  };
}

/**
 * Returns the same outcome for the runs that others were made of: `originOf` says of which. One that several were made of
 * is deferred where any of them is, else refused where any of them is, once.
 */
export function outcomeFor(outcome: Outcome, originOf: (run: Run) => Run): Outcome {
  if (isAllTaken(outcome)) return outcome;
  const deferred = new Set(outcome.deferred.map(originOf));
  const refused = new Map<Run, Refusal>();
  for (const refusal of outcome.refused) {
    const run = originOf(refusal.run);
    if (!deferred.has(run) && !refused.has(run)) refused.set(run, { ...refusal, run });
  }
  return { refused: [...refused.values()], deferred: [...deferred], cause: outcome.cause };
}
