import {
  applyFactor,
  type Bound,
  boundOf,
  type FactorRecord,
  factorRecords,
  findFigure,
  JOULES_PER_KWH,
  knownFigures,
  type LabelledFigure,
  measure,
  SECONDS_PER_HOUR,
} from 'wattline/figures';
import {
  Attribute,
  cpuUsage,
  describeRun,
  type FigureDefinition,
  hostPower,
  type Run,
  type Signal,
  type Skipped,
} from 'wattline/plugin';
import { isSame } from './column-rules.ts';

/** What a run cost of one thing, in the currency that was asked for, and how that comes about. */
export interface Charge {
  readonly sku: 'energy' | 'compute';
  readonly unit: 'kWh' | 'Core-Hours';
  /** How much the run used, in that unit. */
  readonly consumed: number;
  /** How much was priced: energy may be that at the meter. */
  readonly priced: number;
  /** The cost of one of the unit. */
  readonly unitPrice: number;
  readonly cost: number;
  /** The bounds of the cost and of what was used, in its unit, where the run has them. */
  readonly bounds: Readonly<Record<Bound, Bounded>>;
  /** Whether the price of CPU time includes it, so that it costs nothing of its own. */
  readonly isIncluded: boolean;
  /** The quantity of its price among the run's factors, as in `factor.price.id`. */
  readonly factor: 'price' | 'core_price';
}

/** What a bound of a charge comes to; undefined where what it is of was measured. */
export interface Bounded {
  readonly cost: number | undefined;
  readonly consumed: number | undefined;
}

/** What a charge is made of: the figures of its cost and its amount, and the signal that the amount is measured by. */
interface Kind extends Pick<Charge, 'sku' | 'unit' | 'factor'> {
  readonly cost: FigureDefinition;
  /** The name of its cost in the wanted currency. */
  readonly costFigure: string;
  readonly amount: FigureDefinition;
  readonly signal: Signal;
  /** What the names of figures end in that are in the wanted currency. */
  readonly suffix: string;
  /** How many of the signal's units times seconds make one unit. */
  readonly divisor: number;
}

const kinds: readonly Omit<Kind, 'suffix' | 'costFigure'>[] = [
  {
    sku: 'energy',
    unit: 'kWh',
    factor: 'price',
    cost: knownFigures.energyCost,
    amount: knownFigures.energy,
    signal: hostPower,
    divisor: JOULES_PER_KWH,
  },
  {
    sku: 'compute',
    unit: 'Core-Hours',
    factor: 'core_price',
    cost: knownFigures.computeCost,
    amount: knownFigures.cpu,
    signal: cpuUsage,
    divisor: SECONDS_PER_HOUR,
  },
];

/** The figures that charges are made of, or were converted from, and their units. */
export const costUnits = Object.fromEntries(kinds.map(({ cost }) => [cost.name, '{USD}']));

/**
 * Returns the charges of a run in a currency, none to two; calls `skip` where there is a cost but no charge, or no cost at
 * all. In another currency than USD they are made of the figures that the processor of currencies adds.
 */
export function chargesOf(run: Run, currency: string, skip: (skipped: Skipped) => void): Charge[] {
  const suffix = currency === 'USD' ? '' : `_${currency.toLowerCase()}`;
  const wanted = kinds.map((kind) => ({ ...kind, suffix, costFigure: `${kind.cost.name}${suffix}` }));
  const found = wanted.flatMap((kind) => {
    const cost = findFigure(run, kind.costFigure);
    return cost ? [{ kind, cost }] : [];
  });
  if (found.length === 0) {
    const names = wanted.map(({ costFigure }) => `\`${costFigure}\``).join(' nor ');
    const needed =
      suffix === '' ? 'processor `cost`' : `processors \`cost\` and \`currency\` with a rate of ${currency}`;
    const message = `no rows: ${describeRun(run)} has neither ${names}; put the ${needed} before`;
    skip({ item: 'run', reason: 'no_cost', message });
  }
  return found.flatMap(({ kind, cost }) => chargeOf(kind, cost, run, currency, skip) ?? []);
}

/** Returns the energy at the meter of a data centre, in kWh, of that at the machine, by the run's PUE. */
export function atMeter(kwh: number, run: Run): number {
  return applyFactor(kwh, 1, run.pue ?? 1, 1);
}

function chargeOf(
  kind: Kind,
  figure: LabelledFigure,
  run: Run,
  currency: string,
  skip: (skipped: Skipped) => void,
): Charge | undefined {
  const { sku, unit, factor, costFigure, amount, signal, divisor } = kind;
  const without = (reason: string, problem: string): undefined => {
    skip({ item: costFigure, reason, message: `no row of \`${costFigure}\`: ${problem}` });
  };
  const measured = findFigure(run, amount.name) ?? measure(run, signal);
  if (measured.value === undefined) return without('no_quantity', measured.problem);
  const consumed = measured.value / divisor;
  if (consumed === 0) return without('nothing_used', `${describeRun(run)} used 0 ${unit}`);
  const isIncluded = figure.labels[Attribute.includedIn] !== undefined;
  const bounds = { lower: boundedOf(kind, run, 'lower', isIncluded), upper: boundedOf(kind, run, 'upper', isIncluded) };
  const charge = { sku, unit, consumed, factor, isIncluded, bounds };
  if (isIncluded) return { ...charge, cost: 0, priced: consumed, unitPrice: 0 };
  return { ...charge, cost: figure.value, ...priceOf(figure.value, consumed, recordIn(currency, factor, run)) };
}

/** Returns a bound of a charge; a cost that another includes is 0, and has none. */
function boundedOf({ cost, suffix, amount, divisor }: Kind, run: Run, bound: Bound, isIncluded: boolean): Bounded {
  const found = (of: FigureDefinition, end: string) => findFigure(run, `${boundOf(of, bound)?.name}${end}`)?.value;
  const consumed = found(amount, '');
  return {
    cost: isIncluded ? undefined : found(cost, suffix),
    consumed: consumed === undefined ? undefined : consumed / divisor,
  };
}

/** Returns the record of a price, its value in a currency; undefined where the run has none, or no rate. */
function recordIn(
  currency: string,
  factor: Charge['factor'],
  run: Run,
): Pick<FactorRecord, 'value' | 'pue'> | undefined {
  const records = factorRecords(run.resource.attributes);
  const recordOf = (wanted: string) => records.find(({ use }) => use === wanted);
  const record = recordOf(factor);
  const rate = currency === 'USD' ? 1 : recordOf(`exchange_rate.${currency.toLowerCase()}`)?.value;
  return record && rate !== undefined ? { ...record, value: record.value * rate } : undefined;
}

/** Returns the price of the record where it makes the cost, otherwise that which the cost comes to for one of the unit. */
function priceOf(
  cost: number,
  consumed: number,
  { value = Number.NaN, pue = 1 }: Partial<FactorRecord> = {},
): Pick<Charge, 'priced' | 'unitPrice'> {
  if (!isSame(applyFactor(consumed, 1, pue, value), cost)) return { priced: consumed, unitPrice: cost / consumed };
  return { priced: applyFactor(consumed, 1, pue, 1), unitPrice: value };
}
