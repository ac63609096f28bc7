/** The record of a factor that figures of a run rest on. */
export interface FactorRecord {
  /** The use of the factor, such as `price`, `intensity`, `intensity_market` or `exchange_rate.eur`. */
  readonly use: string;
  readonly value: number;
  readonly unit: string;
  readonly id?: string | undefined;
  readonly source?: string | undefined;
  readonly year?: number | undefined;
  readonly method?: string | undefined;
  readonly state?: string | undefined;
  /** The PUE that the energy was multiplied by before the factor. */
  readonly pue?: number | undefined;
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
