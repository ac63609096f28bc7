import { setTimeout as sleep } from 'node:timers/promises';
import { ExportResultCode } from '@opentelemetry/core';
import type { MetricProducer, PushMetricExporter } from '@opentelemetry/sdk-metrics';
import { errorOf, isFault, messageOf, RejectedError } from '../errors.ts';
import { Run } from '../model/run.ts';
import type { Consumer, Processor, QueuedExporter, Receiver, SourceContext } from './contract.ts';
import { allTaken, isAllTaken, joinOutcomes, type Outcome, outcomeFor, type Refusal } from './outcome.ts';
import type { QueueOptions } from './push-settings.ts';

/** What a step makes of a run; undefined drops it. */
type Made = Run | undefined;

/** What became of a run in a step: what it made, or why it failed. */
export type Step = Made | Error;

/**
 * Makes a processor of a step that takes one run at a time: what it returns, or resolves to, goes on. A run on which it
 * throws `RejectedError` is refused, one on which it throws anything else is deferred, and the others go on. Lists are
 * handed on in the order in which they came, also where a step waits.
 */
export function transform(next: Consumer, step: (run: Run, signal: AbortSignal) => Made | Promise<Made>): Processor {
  return transformList(next, async (runs, signal) => {
    const steps = runs.map((run): Step | Promise<Step> => {
      try {
        const made = step(run, signal);
        return made instanceof Promise ? made.catch(errorOf) : made;
      } catch (error) {
        return errorOf(error);
      }
    });
    // Only where there is a promise a list costs more than its items.
    return steps.some((one) => one instanceof Promise) ? Promise.all(steps) : (steps as readonly Step[]);
  });
}

/**
 * Makes a processor of a step that takes a whole list: it resolves with what it made of each run, in their order. A run of
 * which it made a `RejectedError` is refused, one of which it made another error is deferred; where the step itself
 * rejects, nothing is handed on. Lists are handed on in the order in which they came. A run that was deferred behind the
 * step is handed on again as what was made of it then: it is by the same object that those who have taken it know it.
 */
export function transformList(
  next: Consumer,
  step: (runs: readonly Run[], signal: AbortSignal) => Promise<readonly Step[]>,
): Processor {
  let last: Promise<void> = Promise.resolve();
  const kept = new KeptSteps();
  return {
    async consume(runs, signal) {
      const before = last;
      const { promise, resolve: handedOn } = Promise.withResolvers<void>();
      last = promise;
      try {
        const steps = await kept.stepsOf(runs, (fresh) => step(fresh, signal));
        await before;
        const made = steps.filter((one) => one instanceof Run);
        const taking = made.length ? next.consume(made, signal) : undefined;
        handedOn();
        const outcome = (await taking) ?? allTaken;
        if (made.length === runs.length && isAllTaken(outcome)) return outcome;
        kept.keep(runs, steps, outcome);
        return outcomeOf(runs, steps, outcome);
      } finally {
        void before.then(handedOn);
      }
    },
  };
}

/** What was made of runs that were deferred behind a step. */
class KeptSteps {
  readonly #made = new WeakMap<Run, Run>();
  #hasAny = false;

  /** The steps of runs, of which those alone are made that are not kept. */
  async stepsOf(
    runs: readonly Run[],
    make: (fresh: readonly Run[]) => Promise<readonly Step[]>,
  ): Promise<readonly Step[]> {
    const fresh = this.#hasAny ? runs.filter((run) => !this.#made.has(run)) : runs;
    if (fresh.length === runs.length) return make(runs);
    const made = fresh.length ? await make(fresh) : [];
    let next = 0;
    return runs.map((run) => this.#made.get(run) ?? made[next++]);
  }

  keep(runs: readonly Run[], steps: readonly Step[], { deferred }: Outcome): void {
    const behind = new Set<Step>(deferred);
    if (behind.size === 0) return;
    this.#hasAny = true;
    for (const [index, run] of runs.entries()) {
      const made = steps[index];
      if (made instanceof Run && behind.has(made)) this.#made.set(run, made);
    }
  }
}

/** The outcome of the runs that came, by their steps and by that of what went on. */
function outcomeOf(runs: readonly Run[], steps: readonly Step[], next: Outcome): Outcome {
  const origins = new Map<Run, Run>();
  const refused: Refusal[] = [];
  const deferred: Run[] = [];
  let cause: Error | undefined;
  for (const [index, run] of runs.entries()) {
    const made = steps[index];
    if (made instanceof RejectedError) refused.push({ run, reason: 'rejected', message: messageOf(made) });
    else if (made instanceof Error) {
      deferred.push(run);
      cause = made;
    } else if (made) origins.set(made, run);
  }
  return joinOutcomes([{ refused, deferred, cause }, outcomeFor(next, (made) => origins.get(made) ?? made)]);
}

/** Makes an exporter of any `PushMetricExporter` of the SDK, which takes one run a request. */
export function fromExporter(create: () => PushMetricExporter, queue: Omit<QueueOptions, 'maxRuns'>): QueuedExporter {
  let exporter: PushMetricExporter | undefined;
  return {
    queue: { ...queue, maxRuns: 1 },
    async send(runs) {
      exporter ??= create();
      for (const run of runs) await exportOne(exporter, run);
      return allTaken;
    },
    async shutdown() {
      await exporter?.shutdown();
    },
  };
}

/**
 * Makes a receiver of any `MetricProducer` of the SDK, collected every `interval` milliseconds. A collection that fails
 * is logged, and the next one is made as if it had not.
 */
export function fromProducer({ next, logger }: SourceContext, producer: MetricProducer, interval: number): Receiver {
  const stopped = new AbortController();
  let running: Promise<void> | undefined;
  const readOnce = async (signal: AbortSignal) => {
    const { resourceMetrics, errors } = await producer.collect();
    const { refused, deferred, cause } = await next.consume([Run.from(resourceMetrics)], signal);
    if (deferred.length) throw cause ?? new Error('what was collected was not taken');
    for (const { message } of refused) throw new RejectedError(message);
    if (errors.length) throw new AggregateError(errors, 'the producer could not collect everything');
  };
  const pause = () => sleep(interval, true, { signal: stopped.signal }).catch(() => false);
  const failed = (error: unknown) =>
    logger.error(isFault(error) ? { err: error } : {}, `a collection failed: ${messageOf(error)}`);
  const collect = async () => {
    while (await pause()) await readOnce(stopped.signal).catch(failed);
  };
  return {
    readOnce,
    async start() {
      running = collect();
    },
    async shutdown() {
      stopped.abort();
      await running;
    },
  };
}

function exportOne(exporter: PushMetricExporter, run: Run): Promise<void> {
  return new Promise((resolve, reject) => {
    exporter.export(run, ({ code, error }) => {
      if (code === ExportResultCode.SUCCESS) resolve();
      else if (isPermanent(error)) reject(new RejectedError(messageOf(error), { cause: error }));
      else reject(error ?? new Error('the export failed without a reason'));
    });
  });
}

/** The SDK's OTLP exporters put the HTTP status of an answer that must not be retried in `code`. */
function isPermanent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && error.code >= 400;
}
