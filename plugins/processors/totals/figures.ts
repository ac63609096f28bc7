import { knownFigures } from 'wattline/figures';

/** A figure that adds up over slices, and the counters that it adds to. */
export interface Summed {
  readonly name: string;
  /** Whether it rests on energy, and the counter so names the boundary that this was measured around. */
  readonly hasBoundary: boolean;
  /** The counter over several figures that it is a part of too. */
  readonly partOf?: string;
}

const { energy, energyFilled, cpu, cpuFilled, energyCost, computeCost, emissions } = knownFigures;

/** The name of the total cost, which counts what its parts count, be they in one slice or in two. */
export const totalCost = knownFigures.totalCost.name;

/** The figures that add up over time, of the processors that come with Wattline. */
export const summedFigures: readonly Summed[] = [
  { name: energy.name, hasBoundary: true },
  { name: energyFilled.name, hasBoundary: true },
  { name: cpu.name, hasBoundary: false },
  { name: cpuFilled.name, hasBoundary: false },
  { name: energyCost.name, hasBoundary: true, partOf: totalCost },
  { name: computeCost.name, hasBoundary: false, partOf: totalCost },
  { name: emissions.name, hasBoundary: true },
];

/** How many figures a counter over several has to have seen before it means what its name says. */
export const partsOf = (counter: string): number => summedFigures.filter(({ partOf }) => partOf === counter).length;

/**
 * The name of the counter of a figure: with its unit where it is money and `_total` at its end, and without the `total`
 * within that means something else, so that `cost_total_load_aware` becomes `cost_load_aware_usd_total`.
 */
export function counterName(figure: string, unit: string): string {
  const plain = figure.replace('_total_', '_').replace(/_total$/, '');
  const currency = /^\{([A-Z]{3})\}$/.exec(unit)?.[1]?.toLowerCase();
  const isNamed = currency === undefined || plain.split('_').includes(currency);
  return `${plain}${isNamed ? '' : `_${currency}`}_total`;
}
