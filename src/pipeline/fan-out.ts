import { messageOf } from '../errors.ts';
import type { Consumer } from '../plugin/contract.ts';
import { allTaken, isAllTaken, type Outcome, type Refusal, type Run } from '../plugin/index.ts';

/** What a branch has settled of a run that another branch has deferred: it was taken, or refused. */
type Settled = Refusal | 'taken';

/**
 * Makes one consumer of several: it hands each list to all of them and waits for all. A run that any of them defers is
 * deferred, and those that have settled it already are not handed it again; else it is refused where any of them refuses it.
 */
export function fanOut(consumers: readonly Consumer[]): Consumer {
  const [only] = consumers;
  if (only && consumers.length === 1) return only;
  const branches = consumers.map((consumer) => new Branch(consumer));
  return {
    async consume(runs, signal) {
      const outcomes = await Promise.all(branches.map((branch) => branch.take(runs, signal)));
      if (outcomes.every(isAllTaken)) return allTaken;
      const deferred = new Set(outcomes.flatMap((outcome) => outcome.deferred));
      for (const [index, branch] of branches.entries()) branch.remember(outcomes[index] as Outcome, deferred);
      return {
        refused: refusalsOf(outcomes, deferred),
        deferred: [...deferred],
        cause: joinCauses(outcomes),
      };
    },
  };
}

class Branch {
  readonly #consumer: Consumer;
  readonly #settled = new WeakMap<Run, Settled>();

  constructor(consumer: Consumer) {
    this.#consumer = consumer;
  }

  async take(runs: readonly Run[], signal: AbortSignal): Promise<Outcome> {
    const known = runs.filter((run) => this.#settled.has(run));
    if (known.length === 0) return this.#consumer.consume(runs, signal);
    const open = runs.filter((run) => !this.#settled.has(run));
    const outcome = open.length ? await this.#consumer.consume(open, signal) : allTaken;
    const before = known.flatMap((run) => {
      const settled = this.#settled.get(run);
      return settled === undefined || settled === 'taken' ? [] : [settled];
    });
    return { ...outcome, refused: [...outcome.refused, ...before] };
  }

  /** Remembers what it has settled of the runs that are to come again. */
  remember(outcome: Outcome, deferred: ReadonlySet<Run>): void {
    const open = new Set(outcome.deferred);
    const refused = new Map(outcome.refused.map((refusal) => [refusal.run, refusal]));
    for (const run of deferred) if (!open.has(run)) this.#settled.set(run, refused.get(run) ?? 'taken');
  }
}

/** One refusal a run, which says what each branch does. */
function refusalsOf(outcomes: readonly Outcome[], deferred: ReadonlySet<Run>): Refusal[] {
  const byRun = Map.groupBy(
    outcomes.flatMap(({ refused }) => refused),
    ({ run }) => run,
  );
  return [...byRun].flatMap(([run, [first, ...others]]) => {
    if (!first || deferred.has(run)) return [];
    return [{ ...first, message: [first, ...others].map(({ message }) => message).join('; ') }];
  });
}

function joinCauses(outcomes: readonly Outcome[]): Error | undefined {
  const causes = outcomes.flatMap(({ cause }) => cause ?? []);
  const [only] = causes;
  if (causes.length < 2) return only;
  const message = causes.map(messageOf).join('; ');
  return new Error(message, { cause: new AggregateError(causes, message) });
}
