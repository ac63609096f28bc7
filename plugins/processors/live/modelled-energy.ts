import type { Attributes, HrTime } from '@opentelemetry/api';
import { isCpu } from 'wattline/figures';
import { Attribute, type Skipped, secondsBetween } from 'wattline/plugin';
import type { HostPower, ModelledWatts, UnknownPower } from 'wattline/prediction';
import { isPowerFeed, type Ledger } from './feeds.ts';
import { after, type Increment } from './increments.ts';
import type { Counted } from './ledger-update.ts';
import { edgesOf } from './pieces.ts';
import { latest } from './settling.ts';
import { amountWithin } from './shares.ts';
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
  { powerOf, maxGap, isShared }: ModellingOptions,
): WithModelled {
  if (Object.values(ledger.feeds).some(isPowerFeed)) return { counted, skipped: [] };
  const skipped: Skipped[] = [];
  const skip = (attributes: Attributes, reason: string, problem: string) => {
    const message = `no power is modelled for the host \`${attributes[Attribute.scenario] ?? 'without a name'}\`: ${problem}`;
    skipped.push({ item: 'host', reason, message });
  };
  const sayPower = saying();
  let ofHost: HostPower | undefined;
  const all = counted.map((list) =>
    list.flatMap((one): Counted[] => {
      const { whole, attributes } = one;
      if (!whole) return [one];
      const power = powerOf(attributes, ledger.cores);
      if (!power) return [one];
      if ('problem' in power) {
        skip(
          attributes,
          power.reason,
          `${power.problem}; state its idle_watts and max_watts in \`without_meter.hosts\``,
        );
        return [one];
      }
      ofHost = power;
      const { increments, gap, refused } = energyOf(whole, power, ledger.modelledUntil, maxGap);
      if (gap > 0)
        skip(attributes, 'gap', `nothing came of it for ${gap} s, more than max_gap, and it may have been off`);
      if (refused) skip(attributes, refused.reason, refused.problem);
      if (increments.length) ledger.modelledUntil = latest(increments.map(({ to }) => to));
      const said = sayPower(attributes, power);
      return [
        { ...one, attributes: said },
        { meaning: { unit: 'J' }, boundary: 'host', attributes: said, increments },
      ];
    }),
  );
  if (!ofHost || !isShared) return { counted: all, skipped };
  const power = ofHost;
  const relabelled = all.map((list) =>
    list.map((one) => {
      return isCpu(one.meaning) && !one.whole ? { ...one, attributes: sayPower(one.attributes, power) } : one;
    }),
  );
  return { counted: relabelled, skipped };
}

/** Returns what adds to attributes how power came about: the same object for the same one. */
function saying(): (attributes: Attributes, power: HostPower) => Attributes {
  const known = new Map<Attributes, Attributes>();
  return (attributes, { basis, level }) => {
    const said = known.get(attributes) ?? {
      ...attributes,
      [Attribute.power]: 'modelled',
      [BASIS]: basis,
      ...(level !== undefined && { [LEVEL]: level }),
    };
    known.set(attributes, said);
    return said;
  };
}

/** The energy that goes with CPU time, and why some of it has none. */
interface Energy {
  readonly increments: readonly Increment[];
  /** The length of the longest stretch that was too long, in seconds; 0 where there is none. */
  readonly gap: number;
  readonly refused: UnknownPower | undefined;
}

function energyOf(whole: readonly Increment[], power: HostPower, floor: HrTime | undefined, maxGap: number): Energy {
  const widthOf = ({ from, to }: Increment) => secondsBetween(from, to);
  const gap = Math.max(0, ...whole.map(widthOf).filter((width) => width > maxGap));
  const known = (floor ? after(floor, whole) : whole).filter((one) => widthOf(one) <= maxGap);
  const edges = edgesOf(known);
  const increments: Increment[] = [];
  let refused: UnknownPower | undefined;
  for (const [i, to] of edges.entries()) {
    const from = edges[i - 1];
    if (!from) continue;
    const isCovered = known.some((one) => secondsBetween(one.from, from) >= 0 && secondsBetween(to, one.to) >= 0);
    if (!isCovered) continue;
    const seconds = secondsBetween(from, to);
    const watts = power.at(amountWithin(known, { from, to }) / seconds);
    if ('problem' in watts) refused = watts;
    else increments.push({ from, to, amount: watts.value * seconds, ...certaintyOf(watts) });
  }
  return { increments, gap, refused };
}

function certaintyOf({ value, lower, upper, extrapolated }: ModelledWatts): Pick<Increment, 'bounds' | 'extrapolated'> {
  const isBounded = value > 0 && lower !== undefined && upper !== undefined;
  return {
    ...(isBounded && { bounds: [lower / value, upper / value] as const }),
    ...(extrapolated && { extrapolated: true as const }),
  };
}
