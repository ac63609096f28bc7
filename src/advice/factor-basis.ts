import { type FactorRecord, factorRecords } from '../figures/factors-of-run.ts';
import type { Run } from '../model/run.ts';

/** Words of a source whose values must not be compared with others: defaults, what nobody has verified, prices with taxes. */
const NOT_COMPARED = /no source given|unverified|including taxes/;

/** Returns the factor that the figures of a run rest on: what a kWh costs, or emits by location or at the margin. */
export function factorOf(run: Run | undefined, use: 'price' | 'intensity'): FactorRecord | undefined {
  return run && factorRecords(run.resource.attributes).find((record) => record.use === use);
}

/**
 * Returns what numbers must share so that one may be compared with another: who publishes them, and of which year they are,
 * or that a configuration states them; undefined where they may not be compared at all.
 */
export function basisOf({ id = '', source = '', year, state, method }: FactorRecord): string | undefined {
  if (id.endsWith('/configured')) return 'your configuration';
  if (NOT_COMPARED.test(source)) return undefined;
  const time = year ?? (state === 'live' || state === 'cached' ? 'by the hour' : undefined);
  const counted = method === undefined ? '' : `, ${method === 'marginal' ? 'marginal' : 'average'}`;
  return time === undefined ? undefined : `${source.split(', ', 1)[0]}, ${time}${counted}`;
}

/** Returns a factor in words, such as `0.418 kg/kWh (Electricity Maps, zone US-MIDA-PJM, …, 2025)`. */
export function factorText({ value, unit, source, year }: FactorRecord): string {
  return `${value} ${unit} (${[source, year].filter((part) => part !== undefined).join(', ')})`;
}
