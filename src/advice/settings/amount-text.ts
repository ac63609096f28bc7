import type { Spread } from '../../figures/spread.ts';
import type { Measure } from './setting.ts';

/** The unit of what is printed, with how many of it are one of the figure's unit. */
const UNITS: Readonly<Record<Measure, readonly [unit: string, scale: number]>> = {
  vmaf: ['', 1],
  usd: ['USD', 1],
  energy: ['J', 1],
  co2: ['g', 1000],
  bits: ['kbit', 1e-3],
  bitsPerSecond: ['kbit/s', 1e-3],
};
const DIGITS = 4;
/** A part of the mean that is no deviation, but how a double rounds. */
const ROUNDING = 1e-12;

/** Returns the unit that an amount is printed in. */
export function unitOf(measure: Measure): string {
  return UNITS[measure][0];
}

/** Returns a mean with its sample standard deviation, where it has one, and its unit, where it is of one. */
export function amountText(spread: Spread, measure: Measure = 'vmaf'): string {
  const unit = unitOf(measure);
  return unit === '' ? spreadText(spread, measure) : `${spreadText(spread, measure)} ${unit}`;
}

/** The same without the unit. */
export function spreadText({ mean, deviation }: Spread, measure: Measure): string {
  const [, scale] = UNITS[measure];
  const text = (value: number, digits: number) => String(Number((value * scale).toPrecision(digits)));
  if (deviation === undefined) return text(mean, DIGITS);
  const isRounding = deviation < Math.abs(mean) * ROUNDING;
  return `${text(mean, DIGITS)} ± ${isRounding ? 0 : text(deviation, 2)}`;
}
