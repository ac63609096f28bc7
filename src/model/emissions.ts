import { JOULES_PER_KWH } from './integrate.ts';

/**
 * Operational emissions in kg CO₂e of `joules` of electricity at `kgPerKwh`: O = E × I of the Software Carbon Intensity
 * specification (ISO/IEC 21031:2024).
 */
export function operationalEmissions(joules: number, kgPerKwh: number): number {
  return (joules / JOULES_PER_KWH) * kgPerKwh;
}
