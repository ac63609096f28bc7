import { messageOf } from '../errors.ts';
import type { Outcome, Run } from '../plugin/index.ts';

/** The fate of the runs that receivers have handed over. */
export interface Deliveries {
  delivered: number;
  /** How many runs could not be delivered, by reason. */
  readonly failures: Map<string, number>;
}

/** Adds the outcome of runs that were handed over. */
export function addDeliveries(
  deliveries: Deliveries,
  runs: readonly Run[],
  { refused, deferred, cause }: Outcome,
): void {
  deliveries.delivered += runs.length - refused.length - deferred.length;
  for (const { message } of refused) addFailure(deliveries, message);
  if (deferred.length) addFailure(deliveries, cause ? messageOf(cause) : 'not taken', deferred.length);
}

/** Adds runs that could not be delivered. */
export function addFailure({ failures }: Deliveries, reason: string, runs = 1): void {
  failures.set(reason, (failures.get(reason) ?? 0) + runs);
}
