/** Returns the text of an attribute; undefined where it is absent or empty. */
export function textOf(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value);
}
