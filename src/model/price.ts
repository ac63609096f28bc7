import { JOULES_PER_KWH, SECONDS_PER_HOUR } from './integrate.ts';

/** The price of energy in USD: `joules` at `usdPerKwh`. */
export function energyCost(joules: number, usdPerKwh: number): number {
  return (joules / JOULES_PER_KWH) * usdPerKwh;
}

/** The price of compute in USD: `coreSeconds` at `usdPerCoreHour`. */
export function computeCost(coreSeconds: number, usdPerCoreHour: number): number {
  return (coreSeconds / SECONDS_PER_HOUR) * usdPerCoreHour;
}
