import type { Score } from '../prediction/index.ts';

/** Formats a number for people, with four digits; what is not known is `–`. */
export function amount(value: number | undefined): string {
  return value === undefined ? '–' : String(Number(value.toPrecision(4)));
}

/** Formats a part of 1 as a percentage. */
export function percent(part: number | undefined): string {
  return part === undefined ? '–' : `${Number((100 * part).toPrecision(3))} %`;
}

/** Returns a UCUM unit as people write it: `kg{CO2e}` is kg CO2e, `{pixel}/s` is pixel/s. */
export function plainUnit(unit: string): string {
  return unit
    .replace(/(\w?)\{(\w+)\}/g, (_, before, name) => (before ? `${before} ${name}` : name))
    .replaceAll('.', '·');
}

/** Such as `9 of 11, 90 % claimed`. */
export function heldOf(score: Score | undefined): string {
  if (!score || score.intervals === 0) return '–';
  return `${score.held} of ${score.intervals}, ${percent(score.level)} claimed`;
}
