import type { Factor } from '../model/factor.ts';

/** The record of a factor that figures of a run rest on, as far as the run has it. */
export interface FactorRecord
  extends Pick<Factor, 'value' | 'unit' | 'pue'>,
    Partial<Omit<Factor, 'value' | 'unit' | 'quantity'>> {
  /** The use of the factor, such as `price`, `intensity`, `intensity_market` or `exchange_rate.eur`. */
  readonly use: string;
}

/** Returns the records in a run's attributes, such as `factor.price.value`, without those that have no value. */
export function factorRecords(attributes: Readonly<Record<string, unknown>>): FactorRecord[] {
  const fields = new Map<string, Record<string, unknown>>();
  for (const [name, value] of Object.entries(attributes)) {
    const [, use, field] = /^factor\.(.+)\.(\w+)$/.exec(name) ?? [];
    if (use === undefined || field === undefined) continue;
    fields.set(use, { ...fields.get(use), [field]: value });
  }
  return Array.from(fields, ([use, record]) => ({ unit: '1', ...record, use }) as FactorRecord).filter(
    ({ value }) => typeof value === 'number',
  );
}
