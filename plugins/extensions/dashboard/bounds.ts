import { boundOf, bounds, JOULES_PER_KWH, knownFigures, SECONDS_PER_HOUR } from 'wattline/figures';
import type { FigureDefinition } from 'wattline/plugin';
import { type Money, usDollars } from './money.ts';
import type { NamedFigure } from './run-record.ts';

/** The ends of an interval; one that the run does not say is undefined. */
interface Interval {
  readonly lower: number | undefined;
  readonly upper: number | undefined;
}

/** Returns the bounds of the numbers of a run in the API, by their names; those that rest on no prediction have none. */
export function boundsOf(
  figures: Readonly<Record<string, Pick<NamedFigure, 'value'>>>,
  money: Money = usDollars,
): Readonly<Record<string, Interval>> {
  const { energy, cpu, energyCost, computeCost, totalCost, emissions } = knownFigures;
  const asItIs = (name: string) => name;
  const intervalOf = (figure: FigureDefinition, divisor = 1, nameOf = asItIs): Interval | undefined => {
    const [lower, upper] = bounds.map((bound) => {
      const value = figures[nameOf(boundOf(figure, bound)?.name ?? '')]?.value;
      return value === undefined ? undefined : value / divisor;
    });
    return lower === undefined && upper === undefined ? undefined : { lower, upper };
  };
  const { suffix, nameOf } = money;
  const all = {
    energy_kwh: intervalOf(energy, JOULES_PER_KWH),
    cpu_core_h: intervalOf(cpu, SECONDS_PER_HOUR),
    [`cost_energy_${suffix}`]: intervalOf(energyCost, 1, nameOf),
    [`cost_compute_${suffix}`]: intervalOf(computeCost, 1, nameOf),
    [`cost_total_${suffix}`]: intervalOf(totalCost, 1, nameOf),
    co2_kg: intervalOf(emissions),
  };
  return Object.fromEntries(Object.entries(all).flatMap(([name, interval]) => (interval ? [[name, interval]] : [])));
}
