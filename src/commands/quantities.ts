/** Formats a number for people, with four digits; what is not known is `–`. */
export function amount(value: number | undefined): string {
  return value === undefined ? '–' : String(Number(value.toPrecision(4)));
}

/** Formats a part of 1 as a percentage. */
export function percent(part: number | undefined): string {
  return part === undefined ? '–' : `${Number((100 * part).toPrecision(3))} %`;
}
