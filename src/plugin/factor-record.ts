import type { Factor } from '../model/factor.ts';
import type { Context } from './contract.ts';

/** How many records one component shows at most; the ones that were used longest ago make room. */
const MAX_RECORDS = 1000;

/**
 * Registers what shows the factors that a component has used: `wattline_factor_info`, whose labels are the record, and
 * `wattline_factor_value` by its id. The function notes the use of one.
 */
export function observeFactorRecords({ meter, id: processor }: Context): (factor: Factor) => void {
  const used = new Map<string, Factor>();
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
  gauge('wattline_factor_info', 'A factor that figures rest on, its record in the labels').addCallback((result) => {
    for (const { id, quantity, unit, source, year, method, state } of used.values()) {
      const known = { ...(year !== undefined && { year: String(year) }), ...(method && { method }) };
      result.observe(1, { processor, factor: id, quantity, unit, source, state, ...known });
    }
  });
  gauge('wattline_factor_value', 'The value of a factor that figures rest on, in the unit of its record').addCallback(
    (result) => {
      for (const { id, value } of used.values()) result.observe(value, { processor, factor: id });
    },
  );
  return (factor) => {
    used.delete(factor.id);
    used.set(factor.id, factor);
    if (used.size > MAX_RECORDS) used.delete(used.keys().next().value as string);
  };
}
