/**
 * Returns what an amount comes to by a factor: `amount / divisor × PUE × factor`, the one formula of energy, cost and
 * emissions. With joules, 3,600,000, the PUE and USD/kWh it is the price of energy in USD (FinOps); with kg CO₂e/kWh it is
 * O = E × I of the Software Carbon Intensity specification (ISO/IEC 21031:2024); with core-seconds, 3,600, 1 and USD per
 * core-hour it is the price of compute.
 */
export function applyFactor(amount: number, divisor: number, pue: number, factor: number): number {
  return (amount / divisor) * pue * factor;
}
