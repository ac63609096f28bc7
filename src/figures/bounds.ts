import type { Attributes } from '@opentelemetry/api';
import { Attribute, numberOf } from '../model/attributes.ts';
import {
  type Bound,
  bounds,
  isExtrapolated,
  type PredictedAttributes,
  predictedCpu,
  predictedPower,
} from '../model/predicted.ts';
import type { Run } from '../model/run.ts';
import {
  cpuUsage,
  filledCpu,
  filledPower,
  hostPower,
  type Samples,
  type Signal,
  signalNamed,
} from '../model/signals.ts';

/** A signal whose samples are one end of the interval of the predicted samples of another, `of`. */
export interface BoundSignal extends Signal {
  readonly of: Signal;
  readonly bound: Bound;
}

/** The two bounds of each signal. Samples of them are made where somebody asks, and stay within a stage. */
export const boundSignals: readonly BoundSignal[] = [hostPower, cpuUsage, filledPower, filledCpu].flatMap((of) =>
  bounds.map((bound) => ({ ...of, name: `${of.name}.${bound}`, field: `${of.field}_${bound}`, of, bound })),
);

/** Returns the signal that is a bound of another one. */
export function boundOfSignal(signal: Signal, bound: Bound): BoundSignal {
  return boundSignals.find((one) => one.of === signal && one.bound === bound) as BoundSignal;
}

/** Returns the signal of a field of results, or the bound of one, such as `power_watts_lower`. */
export function signalOrBoundNamed(field: string): Signal | undefined {
  return signalNamed(field) ?? boundSignals.find((one) => one.field === field);
}

/** Returns the signal itself, or the one that it is a bound of. */
export function predictedSignalOf(signal: Signal): Signal {
  return isBound(signal) ? signal.of : signal;
}

/** Returns whether a run may have bounds; most have none, and need no further look. */
export function mayHaveBounds(run: Run): boolean {
  return run.power !== undefined || run.cpu !== undefined || run.samplesOf(filledPower) !== undefined;
}

/**
 * Returns the samples of a bound: at the times of the predicted ones, with the end of the interval that the run states in
 * place of the prediction. Undefined where those are measured, or the run states no such end.
 */
export function samplesOfBound(run: Run, signal: Signal): Samples | undefined {
  if (!isBound(signal)) return undefined;
  const stated = predictedOf(run, signal.of);
  const predicted = stated && run.samplesOf(signal.of);
  if (!predicted) return undefined;
  const value = numberOf(run.attributes, stated[signal.bound]);
  return value === undefined ? undefined : { ...predicted, signal, series: predicted.series.holding(value) };
}

/** Returns what is said of a bound: of what, and how sure it is. */
export function boundNote({ attributes, power }: Run, { of, bound }: BoundSignal): string {
  const stated = statedFor(of);
  const level = numberOf(attributes, stated.level);
  const claim =
    level === undefined
      ? 'no level is claimed'
      : `claimed to hold ${Number((level * 100).toPrecision(3))} % of all cases`;
  const what = of === cpuUsage ? 'predicted CPU use' : of === hostPower ? `${power} power` : 'predicted power';
  const where = isExtrapolated(attributes, stated) ? ', extrapolated' : '';
  return `${bound} bound of the ${what}${where}; interval ${claim}`;
}

/** Returns what figures say of the samples that they rest on, beside the labels of their run; undefined where that is nothing. */
export function sampleLabels(run: Run, signal: Signal): Attributes | undefined {
  if (signal === hostPower) return undefined;
  if (signal === cpuUsage) return run.cpu && { [Attribute.cpu]: run.cpu };
  if (isBound(signal)) return sampleLabels(run, signal.of);
  const fill = run.attributes[Attribute.fill];
  if (fill === undefined) return undefined;
  const stated = predictedOf(run, signal);
  const isOutside = stated !== undefined && isExtrapolated(run.attributes, stated);
  return { fill, ...(isOutside && { [Attribute.extrapolated]: 'true' }) };
}

/** Returns whether a signal is a bound of another one. */
export function isBound(signal: Signal): signal is BoundSignal {
  return 'of' in signal;
}

/** Returns the attributes that state what samples of a signal rest on; undefined where these are not predicted. */
function predictedOf(run: Run, signal: Signal): PredictedAttributes | undefined {
  const isPredicted =
    (signal === hostPower && run.power !== undefined) ||
    (signal === cpuUsage && run.cpu !== undefined) ||
    (signal === filledPower && run.attributes[Attribute.fill] === 'predicted');
  return isPredicted ? statedFor(signal) : undefined;
}

function statedFor(signal: Signal): PredictedAttributes {
  return signal === cpuUsage ? predictedCpu : predictedPower;
}
