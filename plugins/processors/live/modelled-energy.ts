import type { Attributes } from '@opentelemetry/api';
import { isCpu } from 'wattline/figures';
import { Attribute, type Skipped, secondsBetween } from 'wattline/plugin';
import type { HostPower, ModelledWatts } from 'wattline/prediction';
import { isPowerFeed, type Ledger } from './feeds.ts';
import { after, type Increment } from './increments.ts';
import type { Counted } from './ledger-update.ts';
import { edgesOf } from './pieces.ts';
import { latest } from './settling.ts';
import { amountWithin } from './shares.ts';
import type { Span } from './stretches.ts';
import type { PowerOf } from './without-meter-settings.ts';

/** The attribute that names the source of modelled power, and that of the level of its interval. */
const BASIS = 'power.basis';
const LEVEL = 'power.interval_level';

/** How the energy of a host without a meter is modelled. */
export interface ModellingOptions {
  readonly powerOf: PowerOf;
  /** Seconds; what happened in longer stretches without a point is not known. */
  readonly maxGap: number;
  /** Whether the energy is shared among workloads, so that what they used has the same labels as their shares. */
  readonly isShared: boolean;
}

/** What counts, with modelled energy beside the CPU time that it is modelled of, and of which hosts it could not be. */
export interface WithModelled {
  readonly counted: readonly (readonly Counted[])[];
  readonly skipped: readonly Skipped[];
}

/**
 * Adds the energy of a host that has no meter of power to what counts of it, by the CPU time of all that ran on it. A host of
 * which a meter is known is left alone, also while that is silent. No time is modelled twice, or where a meter counts.
 */
export function withModelled(
  ledger: Ledger,
  counted: readonly (readonly Counted[])[],
  options: ModellingOptions,
): WithModelled {
  if (Object.values(ledger.feeds).some(isPowerFeed)) return { counted, skipped: [] };
  const modelling = new Modelling(ledger, options);
  const all = counted.map((list) => list.flatMap((one) => modelling.withEnergy(one)));
  return { counted: options.isShared ? all.map((list) => modelling.labelled(list)) : all, skipped: modelling.skipped };
}

/** Models the energy of one host, of what came at once. */
class Modelling {
  readonly skipped: Skipped[] = [];
  readonly #ledger: Ledger;
  readonly #options: ModellingOptions;
  /** What the host draws, where that is known. */
  #power: HostPower | undefined;
  /** The attributes with how power came about, by those without: slices are made for each object. */
  readonly #labelled = new Map<Attributes, Attributes>();

  constructor(ledger: Ledger, options: ModellingOptions) {
    this.#ledger = ledger;
    this.#options = options;
  }

  /** Returns the CPU time of a host with the energy that goes with it; whatever else counts as it is. */
  withEnergy(one: Counted): Counted[] {
    const { whole, attributes } = one;
    const power = whole && this.#options.powerOf(attributes, this.#ledger.cores);
    if (!power) return [one];
    if ('problem' in power) {
      this.#skip(attributes, power.reason, `${power.problem}; \`without_meter.hosts\` can say what it draws`);
      return [one];
    }
    this.#power = power;
    const increments = this.#energyOf(whole, power, attributes);
    const labelled = this.#label(attributes, power);
    return [
      { ...one, attributes: labelled },
      { meaning: { unit: 'J' }, boundary: 'host', attributes: labelled, increments },
    ];
  }

  /** Returns CPU time of others than the host as that of a host whose power is modelled, if it is. */
  labelled(list: readonly Counted[]): readonly Counted[] {
    const power = this.#power;
    if (!power) return list;
    const isOfOthers = ({ meaning, whole }: Counted) => isCpu(meaning) && !whole;
    return list.map((one) => (isOfOthers(one) ? { ...one, attributes: this.#label(one.attributes, power) } : one));
  }

  #energyOf(whole: readonly Increment[], power: HostPower, attributes: Attributes): readonly Increment[] {
    const { modelledUntil } = this.#ledger;
    const { maxGap } = this.#options;
    const gap = Math.max(...whole.map(widthOf));
    if (gap > maxGap)
      this.#skip(attributes, 'gap', `nothing came of it for ${gap} s, more than max_gap, and it may have been off`);
    const known = (modelledUntil ? after(modelledUntil, whole) : whole).filter((one) => widthOf(one) <= maxGap);
    const edges = edgesOf(known);
    const increments: Increment[] = [];
    for (const [i, to] of edges.entries()) {
      const from = edges[i - 1];
      if (!from || !known.some((one) => covers(one, { from, to }))) continue;
      const seconds = secondsBetween(from, to);
      const watts = power.at(amountWithin(known, { from, to }) / seconds);
      if ('problem' in watts) this.#skip(attributes, watts.reason, watts.problem);
      else increments.push({ from, to, amount: watts.value * seconds, ...certaintyOf(watts) });
    }
    if (increments.length) this.#ledger.modelledUntil = latest(increments.map(({ to }) => to));
    return increments;
  }

  #label(attributes: Attributes, { basis, level }: HostPower): Attributes {
    const known = this.#labelled.get(attributes);
    if (known) return known;
    const how = { [Attribute.power]: 'modelled', [BASIS]: basis, ...(level !== undefined && { [LEVEL]: level }) };
    const labelled = { ...attributes, ...how };
    this.#labelled.set(attributes, labelled);
    return labelled;
  }

  #skip(attributes: Attributes, reason: string, problem: string): void {
    const host = attributes[Attribute.scenario] ?? 'without a name';
    this.skipped.push({ item: 'host', reason, message: `no power is modelled for the host \`${host}\`: ${problem}` });
  }
}

function widthOf({ from, to }: Span): number {
  return secondsBetween(from, to);
}

function covers(outer: Span, inner: Span): boolean {
  return secondsBetween(outer.from, inner.from) >= 0 && secondsBetween(inner.to, outer.to) >= 0;
}

function certaintyOf({ value, lower, upper, extrapolated }: ModelledWatts): Pick<Increment, 'bounds' | 'extrapolated'> {
  const isBounded = value > 0 && lower !== undefined && upper !== undefined;
  return {
    ...(isBounded && { bounds: [lower / value, upper / value] as const }),
    ...(extrapolated && { extrapolated: true as const }),
  };
}
