import { messageOf } from '../errors.ts';
import type { OutcomeCount } from './point-counts.ts';

/** What came of the runs that receivers handed over. */
export interface Deliveries {
  delivered: number;
  /** How many runs could not be delivered, by the reason given. */
  readonly failures: Map<string, number>;
}

/** Returns what notes the fate of runs. */
export function countDeliveries(deliveries: Deliveries): OutcomeCount {
  return (runs, { refused, deferred, cause }) => {
    deliveries.delivered += runs.length - refused.length - deferred.length;
    for (const { message } of refused) noteFailure(deliveries, message);
    if (deferred.length) noteFailure(deliveries, cause ? messageOf(cause) : 'not taken', deferred.length);
  };
}

/** Notes runs that could not be delivered. */
export function noteFailure({ failures }: Deliveries, reason: string, runs = 1): void {
  failures.set(reason, (failures.get(reason) ?? 0) + runs);
}
