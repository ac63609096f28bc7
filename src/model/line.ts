/**
 * A line of arithmetic: `value` is what `expression` comes to, which is made of numbers, `+ - * /`, parentheses, and the
 * names of lines before it; a measured or looked-up number has none.
 */
export interface Line {
  /** Such as `energy_joules`; one name means one value within a run. */
  readonly name: string;
  readonly expression?: string | undefined;
  readonly value: number;
  readonly unit: string;
  /** Where a number without an expression comes from, or what the line means: one remark on each line of the text. */
  readonly note?: string | undefined;
}
