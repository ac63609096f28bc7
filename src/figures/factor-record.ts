import type { Factor } from '../model/factor.ts';
import type { Context } from '../plugin/contract.ts';

/** How many records one component shows at most; the ones that were used longest ago make room. */
const MAX_RECORDS = 1000;

/**
 * Registers what shows the factors that a component has used: `wattline_factor_info`, whose labels are the record, and
 * `wattline_factor_value` by its id. The function notes the use of one.
 */
export function observeFactorRecords({ meter, id: processor }: Context): (factor: Factor) => void {
  const used = new Map<string, { factor: Factor; at: number }>();
  let uses = 0;
  const gauge = (name: string, description: string) => meter.createObservableGauge(name, { description });
  gauge('wattline_factor_info', 'A factor that figures rest on, its record in the labels').addCallback((result) => {
    for (const { id, quantity, unit, source, year, method, state } of factors(used)) {
      const known = { ...(year !== undefined && { year: String(year) }), ...(method && { method }) };
      result.observe(1, { processor, factor: id, quantity, unit, source, state, ...known });
    }
  });
  gauge('wattline_factor_value', 'The value of a factor that figures rest on, in the unit of its record').addCallback(
    (result) => {
      for (const { id, value } of factors(used)) result.observe(value, { processor, factor: id });
    },
  );
  const note = (factor: Factor): void => {
    if (factor.converted) note(factor.converted.rate);
    const known = used.get(factor.id);
    if (known) {
      known.factor = factor;
      known.at = uses++;
      return;
    }
    used.set(factor.id, { factor, at: uses++ });
    if (used.size > MAX_RECORDS) used.delete(longestAgo(used));
  };
  return note;
}

function factors(used: ReadonlyMap<string, { readonly factor: Factor }>): Factor[] {
  return Array.from(used.values(), ({ factor }) => factor);
}

function longestAgo(used: ReadonlyMap<string, { readonly at: number }>): string {
  let oldest: string | undefined;
  let first = Number.POSITIVE_INFINITY;
  for (const [id, { at }] of used) {
    if (at >= first) continue;
    first = at;
    oldest = id;
  }
  return oldest as string;
}
