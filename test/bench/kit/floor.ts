import { fileURLToPath } from 'node:url';
import { type TimedProcess, timeNode } from './timed-process.ts';

const SCRIPT = fileURLToPath(new URL('../floor.cjs', import.meta.url));

/** What the floor prints: how many runs there were, and the sums over all of them in kWh, core-hours, USD and kg. */
export interface FloorTotals {
  readonly runs: number;
  readonly energy: number;
  readonly cpu: number;
  readonly costEnergy: number;
  readonly costCompute: number;
  readonly cost: number;
  readonly co2: number;
}

/** Runs the floor on a results file. */
export function timeFloor(path: string): Promise<TimedProcess> {
  return timeNode([SCRIPT, path]);
}

/** Reads what the floor has printed. */
export function floorTotals(stdout: string): FloorTotals {
  return JSON.parse(stdout) as FloorTotals;
}
