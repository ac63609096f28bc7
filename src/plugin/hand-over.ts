import { errorOf } from '../errors.ts';
import type { Run } from '../model/run.ts';
import { Pace } from '../pace.ts';
import type { Consumer } from './contract.ts';
import { deferAll, type Outcome } from './outcome.ts';

/** The longest list that is handed over; what a hand-over costs is paid once a list, and 64 to 512 runs are alike. */
const MOST_RUNS = 256;
/** How many runs may be on their way at once: enough for exporters to send them together, few enough to stay small. */
const IN_FLIGHT = 512;

/** How runs are handed over. */
export interface HandOverOptions {
  /** Nothing more is handed over, and nothing is waited for, once it is aborted. */
  readonly signal: AbortSignal;
  /** Is told what became of each list. */
  onOutcome(outcome: Outcome, runs: readonly Run[]): void;
  /** Whether nothing more is handed over once a run was deferred, since the sender will send all of them again. */
  readonly stopsAtDeferral?: boolean;
}

/**
 * Hands over lists of runs in their order, long ones in parts, and limits how many runs are on their way. Others have a turn
 * every 10 ms, also where no stage waits for anything. Resolves when all are settled; rejects where the lists cannot be read, once the runs before are settled.
 */
export async function handOver(
  next: Consumer,
  lists: Iterable<readonly Run[]> | AsyncIterable<readonly Run[]>,
  { signal, onOutcome, stopsAtDeferral = false }: HandOverOptions,
): Promise<void> {
  let underWay = 0;
  let isOver = signal.aborted;
  const pace = new Pace();
  let change = Promise.withResolvers<void>();
  const wake = () => {
    change.resolve();
    change = Promise.withResolvers();
  };
  const end = () => {
    isOver = true;
    wake();
  };
  const settled = async (most: number) => {
    while (underWay > most && !signal.aborted) await change.promise;
  };
  const deliver = async (runs: readonly Run[]) => {
    let outcome: Outcome;
    try {
      outcome = await next.consume(runs, signal);
    } catch (error) {
      outcome = deferAll(runs, errorOf(error));
    }
    underWay -= runs.length;
    if (stopsAtDeferral && outcome.deferred.length > 0) isOver = true;
    onOutcome(outcome, runs);
    wake();
  };
  signal.addEventListener('abort', end);
  try {
    for await (const runs of lists) {
      for (let at = 0; at < runs.length; at += MOST_RUNS) {
        const part = runs.length > MOST_RUNS ? runs.slice(at, at + MOST_RUNS) : runs;
        underWay += part.length;
        void deliver(part);
        await settled(IN_FLIGHT - MOST_RUNS);
        if (isOver) return;
        await pace.giveWay();
      }
      await pace.giveWay();
    }
  } finally {
    await settled(0);
    signal.removeEventListener('abort', end);
  }
}
