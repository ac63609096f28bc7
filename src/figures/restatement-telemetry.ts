import type { ObservableResult } from '@opentelemetry/api';
import type { SeriesQuantity } from '../factors/units.ts';
import type { Context } from '../plugin/contract.ts';

/**
 * Registers what shows the runs that a component values again: how often it did, how many are kept for that, and how many
 * had to make room. The function counts a run that was.
 */
export function observeRestatements(
  { meter, id: processor }: Context,
  kept: readonly { readonly size: number; readonly dropped: number }[],
): (quantity: SeriesQuantity) => void {
  const observe = (result: ObservableResult, of: 'size' | 'dropped') => {
    if (kept.length)
      result.observe(
        kept.reduce((sum, { [of]: count }) => sum + count, 0),
        { processor },
      );
  };
  const restatements = meter.createCounter('wattline_restatements_total', {
    unit: '{run}',
    description: 'Runs and streams that were valued again since a factor was revised, by `processor` and `quantity`',
  });
  meter
    .createObservableGauge('wattline_restatable_runs', {
      unit: '{run}',
      description:
        'Runs, and periods of streams, that are kept since a factor of theirs may be revised, by `processor`',
    })
    .addCallback((result) => observe(result, 'size'));
  meter
    .createObservableCounter('wattline_restatable_runs_dropped_total', {
      unit: '{run}',
      description: 'Runs and slices that stay as they are since there was no room to keep them, by `processor`',
    })
    .addCallback((result) => observe(result, 'dropped'));
  return (quantity) => restatements.add(1, { processor, quantity });
}
