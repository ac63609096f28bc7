import { boundOf, bounds, knownFigures } from 'wattline/figures';
import type { FigureDefinition } from 'wattline/plugin';

/** A figure that adds up over slices, and the counters that it adds to. */
export interface Summed {
  /** Whether it rests on energy, so that its counter has the label `boundary`. */
  readonly hasBoundary: boolean;
  /** Whether it is a part of the total cost too. */
  readonly isCost?: true;
}

const { energy, energyFilled, cpu, cpuFilled, energyCost, computeCost, emissions } = knownFigures;

/** The name of the total cost, whose counter adds up its parts, whether they are in one slice or in two. */
export const totalCost = knownFigures.totalCost.name;

/** A figure that adds up, and what its counter is of. */
interface SummedFigure extends Summed {
  readonly figure: FigureDefinition;
  readonly what: string;
}

const measuredFigures: readonly SummedFigure[] = [
  { figure: energy, hasBoundary: true, what: 'energy that was measured' },
  { figure: energyFilled, hasBoundary: true, what: 'energy that was assumed for time without samples' },
  { figure: cpu, hasBoundary: false, what: 'CPU time that was measured' },
  { figure: cpuFilled, hasBoundary: false, what: 'CPU time that was assumed for time without samples' },
  { figure: energyCost, hasBoundary: true, isCost: true, what: 'price of the energy' },
  { figure: computeCost, hasBoundary: false, isCost: true, what: 'price of the CPU time' },
  { figure: emissions, hasBoundary: true, what: 'emissions of the energy' },
];

/**
 * The figures that add up over time, of the processors that come with Wattline, and what their counters are; those of bounds
 * come last. The total cost has no counters of bounds: its parts may be in two slices, one of them measured.
 */
export const summedFigures: readonly SummedFigure[] = [
  ...measuredFigures,
  ...measuredFigures.flatMap(({ figure: of, hasBoundary }) =>
    bounds.flatMap((bound) => {
      const figure = boundOf(of, bound);
      const what = `the ${bound} bounds of slices with an interval, as if all of them were off in the same direction`;
      return figure ? [{ figure, hasBoundary, what }] : [];
    }),
  ),
];

/** The number of figures that the total cost is the sum of. */
export const costParts = summedFigures.filter(({ isCost }) => isCost).length;

/**
 * Returns the name of the counter of a figure: it ends in `_total`, names the currency, and has no other `total`, so that
 * `cost_total_load_aware` becomes `cost_load_aware_usd_total`.
 */
export function counterName(figure: string, unit: string): string {
  const plain = figure.replace('_total_', '_').replace(/_total$/, '');
  const currency = /^\{([A-Z]{3})\}$/.exec(unit)?.[1]?.toLowerCase();
  const isNamed = currency === undefined || plain.split('_').includes(currency);
  return `${plain}${isNamed ? '' : `_${currency}`}_total`;
}
