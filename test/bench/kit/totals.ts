import { type FloorTotals, floorTotals } from './floor.ts';

/** The figures that Wattline's summary prints to four digits, and the floor in full. */
const FIGURES: Readonly<Record<string, Exclude<keyof FloorTotals, 'runs'>>> = {
  'energy [kWh]': 'energy',
  'CPU [core-h]': 'cpu',
  'cost_total_load_aware [USD]': 'cost',
  'cost_energy_load_aware [USD]': 'costEnergy',
  'cost_compute_load_aware [USD]': 'costCompute',
  'co2_emissions_kg [kg]': 'co2',
};

/** Throws unless the summary that Wattline has printed has the totals of the floor, and each of all runs. */
export function checkTotals(summary: string, floorOutput: string): void {
  const floor = floorTotals(floorOutput);
  for (const [figure, name] of Object.entries(FIGURES)) {
    const line = summary.split('\n').find((candidate) => candidate.startsWith(figure));
    const [sum, runs] = (line?.slice(figure.length).trim().split(/ +/) ?? []).map(Number);
    // The last digit may be rounded either way, since sums are added up in another order.
    const isSame = Math.abs((sum ?? Number.NaN) / floor[name] - 1) <= 1e-3;
    if (isSame && runs === floor.runs) continue;
    throw new Error(`${figure} should be ${floor[name]} of ${floor.runs} runs; Wattline printed:\n${summary}`);
  }
}
