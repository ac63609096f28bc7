import { orAborted } from '../abort.ts';
import { errorOf, messageOf } from '../errors.ts';
import type { Secrets } from '../model/secrets.ts';
import type { Consumer } from '../plugin/contract.ts';
import { allTaken, deferAll, isAllTaken, joinOutcomes, type Outcome, type Run } from '../plugin/index.ts';
import { type OutcomeCount, type PointCount, pointsOf } from './point-counts.ts';
import type { StageFailures } from './stage-health.ts';

/** What an edge counts of the stage that it comes from, and how it behaves; all of it may be left out. */
export interface EdgeOptions {
  readonly outgoing?: PointCount | undefined;
  /** Is told what fails behind that stage. */
  readonly failures?: StageFailures | undefined;
  /** Whether what was deferred goes to the stage that has taken the place of the one that deferred it. */
  readonly redelivers?: boolean;
  /** What is left out of everything that the stage gets to know of those behind it. */
  readonly secrets?: Secrets | undefined;
}

/** What an edge knows of the stage that it leads to; all but the consumer may be left out. */
export interface DestinationOptions {
  readonly incoming?: PointCount | undefined;
  readonly outcomes?: OutcomeCount | undefined;
  readonly failures?: StageFailures | undefined;
  /** Whether it is not handed replayed runs, since it has kept or sent on what came before the restart. */
  readonly withholdsReplays?: boolean;
}

/** Counts the runs that have been handed over and are not settled yet. */
class UnderWay {
  underWay = 0;
  readonly #waiting: (() => void)[] = [];

  /** Resolves when all runs are settled. */
  async idle(): Promise<void> {
    while (this.underWay > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  protected add(runs: number): void {
    this.underWay += runs;
    if (this.underWay === 0) for (const wake of this.#waiting.splice(0)) wake();
  }
}

function isReplayed({ replayed }: Run): boolean {
  return replayed;
}

/** A stage that edges lead to. */
export class Destination extends UnderWay {
  readonly consumer: Consumer;
  readonly options: DestinationOptions;

  constructor(consumer: Consumer, options: DestinationOptions = {}) {
    super();
    this.consumer = consumer;
    this.options = options;
  }

  /** Hands runs to the stage. Never rejects: a fault of the stage defers all of them, and is named after it. */
  async take(given: readonly Run[], signal: AbortSignal): Promise<Outcome> {
    const { incoming, outcomes, failures, withholdsReplays } = this.options;
    const runs = withholdsReplays && given.some(isReplayed) ? given.filter((run) => !isReplayed(run)) : given;
    if (runs.length === 0) return allTaken;
    if (incoming) incoming.points += pointsOf(runs);
    this.add(runs.length);
    let outcome: Outcome;
    try {
      outcome = await this.consumer.consume(runs, signal);
    } catch (error) {
      outcome = deferAll(runs, errorOf(error));
    }
    this.add(-runs.length);
    const { cause } = outcome;
    if (cause && failures) outcome = { ...outcome, cause: failures.named(cause) };
    outcomes?.(runs, outcome);
    return outcome;
  }
}

/**
 * The way from one stage to what stands behind it. It counts what passes and what becomes of it, lets runs wait while
 * stages are exchanged, and leads to others afterwards without losing one.
 */
export class Edge extends UnderWay implements Consumer {
  /** Counts what becomes of runs for the stage that they come from, which may be exchanged as well. */
  outcomes: OutcomeCount | undefined;
  readonly #options: EdgeOptions;
  #destination: Destination | undefined;
  #opening: PromiseWithResolvers<void> | undefined;

  constructor(options: EdgeOptions = {}) {
    super();
    this.#options = options;
  }

  /** What runs are handed to from now on; those under way go on where they are. */
  connect(destination: Destination): void {
    this.#destination = destination;
  }

  /** Lets runs wait from now on, until `release`. */
  hold(): void {
    this.#opening ??= Promise.withResolvers();
  }

  release(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  /** Hands runs on. Never rejects. */
  async consume(runs: readonly Run[], signal: AbortSignal): Promise<Outcome> {
    if (runs.length === 0) return allTaken;
    const { outgoing, failures } = this.#options;
    if (outgoing) outgoing.points += pointsOf(runs);
    const outcome = await this.#deliver(runs, signal);
    if (outcome.cause) failures?.handedOn(outcome.cause);
    this.outcomes?.(runs, outcome);
    return this.#withoutSecrets(outcome);
  }

  #withoutSecrets(outcome: Outcome): Outcome {
    const { secrets } = this.#options;
    if (!secrets || isAllTaken(outcome)) return outcome;
    const { cause } = outcome;
    const message = cause && secrets.redact(messageOf(cause));
    return {
      ...outcome,
      refused: outcome.refused.map((refusal) => ({ ...refusal, message: secrets.redact(refusal.message) })),
      // The causes of the error would repeat what its message leaves out.
      cause: message === undefined || message === messageOf(cause) ? cause : new Error(message),
    };
  }

  async #deliver(runs: readonly Run[], signal: AbortSignal): Promise<Outcome> {
    const before: Outcome[] = [];
    let left = runs;
    for (;;) {
      try {
        if (this.#opening) await this.#opened(signal);
      } catch (error) {
        return joinOutcomes([...before, deferAll(left, errorOf(error))]);
      }
      const destination = this.#destination;
      if (!destination) return deferAll(left, new Error('nothing is connected here'));
      this.add(left.length);
      const outcome = await destination.take(left, signal);
      this.add(-left.length);
      if (isAllTaken(outcome) && before.length === 0) return outcome;
      const isExchanged = this.#opening !== undefined || this.#destination !== destination;
      if (!this.#options.redelivers || !isExchanged || signal.aborted || outcome.deferred.length === 0) {
        return joinOutcomes([...before, outcome]);
      }
      before.push({ refused: outcome.refused, deferred: [] });
      left = outcome.deferred;
    }
  }

  /** Resolves when it is not held any more; rejects where the signal is aborted before. */
  async #opened(signal: AbortSignal): Promise<void> {
    while (this.#opening) if (!(await orAborted(this.#opening.promise, signal))) throw signal.reason;
  }
}
