import { applyFactor } from '../figures/formula.ts';
import { JOULES_PER_KWH, SECONDS_PER_HOUR } from '../figures/integrate.ts';
import { measure } from '../figures/measure.ts';
import { cpuUsage, hostPower } from '../model/signals.ts';
import { parseRun } from '../results/index.ts';
import type { Scenario } from './scenario.ts';

/** The prices of a kilowatt-hour and a core-hour in USD, and the emissions of a kilowatt-hour in kg CO₂e. */
export interface Prices {
  readonly usdPerKwh: number;
  readonly usdPerCoreHour: number;
  readonly kgPerKwh: number;
}

/** The figures of a run with their units, in the order of the printed table. */
export const quantities = [
  'duration [s]',
  'mean CPU [cores]',
  'CPU [core-h]',
  'mean power [W]',
  'energy [kJ]',
  'energy [kWh]',
  'energy cost [USD]',
  'compute cost [USD]',
  'total cost [USD]',
  'emissions [kg CO2e]',
] as const;

export type MeasuredFigure = (typeof quantities)[number];

export type Figures = Readonly<Record<MeasuredFigure, number>>;

/** Returns the figures of a run, read as the `file` receiver reads it and integrated as the pipeline does. */
export function figuresOf(scenario: Scenario, prices: Prices): Figures {
  const { run } = parseRun(scenario, {});
  const joules = run && measure(run, hostPower).value;
  const coreSeconds = run && measure(run, cpuUsage).value;
  if (joules === undefined || coreSeconds === undefined) throw new Error(`${scenario.name} has no samples`);
  const { duration } = scenario;
  const energyUsd = applyFactor(joules, JOULES_PER_KWH, 1, prices.usdPerKwh);
  const computeUsd = applyFactor(coreSeconds, SECONDS_PER_HOUR, 1, prices.usdPerCoreHour);
  return {
    'duration [s]': duration,
    'mean CPU [cores]': coreSeconds / duration,
    'CPU [core-h]': coreSeconds / SECONDS_PER_HOUR,
    'mean power [W]': joules / duration,
    'energy [kJ]': joules / 1000,
    'energy [kWh]': joules / JOULES_PER_KWH,
    'energy cost [USD]': energyUsd,
    'compute cost [USD]': computeUsd,
    'total cost [USD]': energyUsd + computeUsd,
    'emissions [kg CO2e]': applyFactor(joules, JOULES_PER_KWH, 1, prices.kgPerKwh),
  };
}
