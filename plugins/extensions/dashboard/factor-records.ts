import { type FactorRecord, factorRecords, tabledFactor } from 'wattline/figures';

/** A record of a run's factors, and what a table with a source says in the place of a built-in number. */
export interface ShownRecord extends FactorRecord {
  readonly table?: { readonly value: number; readonly source: string; readonly year: number | undefined };
}

/** Returns the records in a run's attributes, as `factorRecords` does, each with what a table says in its place. */
export function shownRecords(attributes: Readonly<Record<string, unknown>>): ShownRecord[] {
  return factorRecords(attributes).map((record) => {
    const table = tabledFactor(record.id);
    return table ? { ...record, table: { value: table.value, source: table.source, year: table.year } } : record;
  });
}
