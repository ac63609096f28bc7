import type { Attributes, HrTime } from '@opentelemetry/api';
import { type Boundary, isCpu } from 'wattline/figures';
import { attributesKey, secondsBetween } from 'wattline/plugin';
import {
  type Attribution,
  type AttributionOptions,
  energyKey,
  useKey,
  type WaitingEnergy,
} from './attribution-state.ts';
import { earliest, knownUntil, neededFrom } from './attribution-times.ts';
import type { Ledger } from './feeds.ts';
import type { Increment } from './increments.ts';
import type { Counted } from './ledger-update.ts';
import type { Settling } from './settling.ts';
import { amountWithin, type ShareOptions, shareEnergy, type Use } from './shares.ts';
import { cut, type Span, spansOf, sumOf, withMore } from './stretches.ts';
import { type Level, onHost, workloadOf } from './workloads.ts';

const nothing: Attribution = { energy: [], uses: [], active: [], idle: [] };

/**
 * Shares the energy of a host among its workloads, as far as it is known who used the host, and returns what counts: of each
 * workload, and of the host what is left over. What is not known yet waits in the ledger. Together it is what was counted,
 * without what meters of power say of workloads, which is no energy beside that of the host.
 */
export function attribute(
  ledger: Ledger,
  counted: readonly Counted[],
  settling: Settling,
  { maxGap, now, ...options }: AttributionOptions & { readonly maxGap: number; readonly now: number },
): Counted[] {
  const known = withCounted(ledger.attribution ?? nothing, counted, options.level);
  const until = knownUntil(ledger, settling, maxGap, now);
  const [ready, waiting] = partsOf(known.energy, until);
  const uses = { J: useIn(known, 'J'), s: useIn(known, 's', ledger.cores) };
  const told = toldByMeters(known);
  const parts = ready.flatMap((one) => byUnit(one, told));
  const shared = parts.map(([unit, one]) => shareOut(one, known, uses[unit], options));
  const sumOver = (of: (one: SharedOut) => number) => shared.reduce((sum, one) => sum + of(one), 0);
  const sums = [sumOver(({ joules }) => joules), sumOver(({ rest }) => rest)] as const;
  ledger.attribution = {
    ...trimmed({ ...known, energy: waiting }, until && neededFrom(ledger, settling, until, maxGap)),
    ...(sums[0] > 0 ? { shared: sums } : known.shared && { shared: known.shared }),
  };
  const passing = counted.filter(({ meaning, boundary }) => isCpu(meaning) || boundary === 'gpu');
  return sameAttributesOnce([...passing, ...shared.flatMap((one) => one.counted)]);
}

/** Returns the energy that waits, which stays the host's: it was to be shared by an earlier configuration. */
export function notAttributed(ledger: Ledger): Counted[] {
  const { energy = [] } = ledger.attribution ?? {};
  delete ledger.attribution;
  return energy.map((one) => ({ meaning: { unit: 'J' }, ...one }));
}

/** Adds what was counted to what is known. */
function withCounted(known: Attribution, counted: readonly Counted[], level: Level): Attribution {
  const energy = new Map(known.energy.map((one) => [energyKey(one), one]));
  const uses = new Map(known.uses.map((one) => [useKey(one), one]));
  const of = (boundary: Boundary) => counted.flatMap((one) => (one.boundary === boundary ? one.increments : []));
  for (const { meaning, boundary, attributes, increments } of counted) {
    if (isCpu(meaning) || boundary === 'share') {
      const named = workloadOf(attributes, level);
      const workload = named && { ...named, scenario: attributes.scenario };
      const unit = isCpu(meaning) ? 's' : 'J';
      const key = useKey({ unit, workload });
      // Kepler goes on to show what a pod used that has ended.
      const used = unit === 's' ? increments : increments.filter(({ amount }) => amount > 0);
      const all = withMore(uses.get(key)?.increments ?? [], used);
      if (all.length) uses.set(key, { unit, ...(workload && { workload }), increments: all });
    } else if (boundary !== 'gpu' && boundary !== 'active' && boundary !== 'idle') {
      const one: WaitingEnergy = { boundary, attributes, increments };
      const key = energyKey(one);
      energy.set(key, { ...one, increments: withMore(energy.get(key)?.increments ?? [], increments) });
    }
  }
  return {
    ...known,
    energy: [...energy.values()],
    uses: [...uses.values()],
    active: withMore(known.active, of('active')),
    idle: withMore(known.idle, of('idle')),
  };
}

/** What counts of a host's energy, and of whom. */
interface SharedOut {
  readonly counted: readonly Counted[];
  readonly joules: number;
  readonly rest: number;
}

/** Who used a host. */
interface UseOfHost {
  readonly use: Use;
  readonly workloads: readonly Attributes[];
}

/** Returns who used a host by meters of power, or by CPU time. */
function useIn({ uses, active, idle }: Attribution, unit: Use['unit'], cores?: number): UseOfHost {
  const told = uses.filter((one) => one.unit === unit);
  const ofWorkloads = told.filter(({ workload }) => workload !== undefined);
  const use: Use = {
    unit,
    workloads: ofWorkloads.map(({ increments }) => increments),
    others: told.flatMap(({ workload, increments }) => (workload ? [] : increments)),
    ...(unit === 'J' && { all: active, ...(idle.length > 0 && { idle }) }),
    ...(unit === 's' && { capacity: cores }),
  };
  return { use, workloads: ofWorkloads.map(({ workload = {} }) => workload) };
}

/** Returns for which times a meter of power has shared energy among workloads. */
function toldByMeters({ uses, active, idle }: Attribution): readonly Span[] {
  const told = uses.flatMap(({ unit, increments }) => (unit === 'J' ? increments : []));
  return told.length ? spansOf([...told, ...active, ...idle]) : [];
}

/** Parts energy by what says who used the host meanwhile: meters of power for some spans, else CPU time. */
function byUnit(energy: WaitingEnergy, spans: readonly Span[]): [Use['unit'], WaitingEnergy][] {
  const within: Increment[] = [];
  const outside: Increment[] = [];
  let rest = energy.increments;
  for (const { from, to } of spans) {
    const [before, more] = cut(rest, from);
    const [inside, after] = cut(more, to);
    outside.push(...before);
    within.push(...inside);
    rest = after;
  }
  outside.push(...rest);
  const parts: [Use['unit'], Increment[]][] = [
    ['J', within],
    ['s', outside],
  ];
  return parts.flatMap(([unit, increments]) => (increments.length ? [[unit, { ...energy, increments }]] : []));
}

function shareOut(
  { boundary, attributes, increments }: WaitingEnergy,
  { energy }: Attribution,
  { use, workloads }: UseOfHost,
  options: ShareOptions,
): SharedOut {
  const meaning = { unit: 'J' } as const;
  const parts = workloads.map((): Increment[] => []);
  const left: Increment[] = [];
  for (const one of increments) {
    const hostJoules = energy.reduce((sum, other) => sum + amountWithin(other.increments, one), 0);
    const shares = shareEnergy(one, use, options, hostJoules);
    for (const [i, amount] of shares.parts.entries()) if (amount > 0) parts[i]?.push({ ...one, amount });
    left.push({ ...one, amount: shares.rest });
  }
  const ofWorkloads = parts.flatMap((own, i): Counted[] =>
    own.length ? [{ meaning, boundary, attributes: onHost(workloads[i] ?? {}, attributes), increments: own }] : [],
  );
  const rest: Counted = { meaning, boundary, attributes, increments: left };
  return { counted: [...ofWorkloads, rest], joules: sumOf(increments), rest: sumOf(left) };
}

/** Returns which energy ends before a time, and which does not. */
function partsOf(energy: readonly WaitingEnergy[], until: HrTime | undefined): [WaitingEnergy[], WaitingEnergy[]] {
  const isReady = ({ to }: Increment) => until !== undefined && secondsBetween(to, until) >= 0;
  const ofThose = (fits: (one: Increment) => boolean) =>
    energy.flatMap((one) => {
      const increments = one.increments.filter(fits);
      return increments.length ? [{ ...one, increments }] : [];
    });
  return [ofThose(isReady), ofThose((one) => !isReady(one))];
}

/** Leaves out what was used before a time, and before all energy that waits. */
function trimmed(known: Attribution, time: HrTime | undefined): Attribution {
  const starts = known.energy.flatMap(({ increments }) => increments.map(({ from }) => from));
  const from = time && earliest([time, ...starts]);
  const later = (increments: readonly Increment[]) => (from ? cut(increments, from)[1] : increments);
  const uses = known.uses.map((one) => ({ ...one, increments: later(one.increments) }));
  return {
    ...known,
    uses: uses.filter(({ increments }) => increments.length),
    active: later(known.active),
    idle: later(known.idle),
  };
}

/** Gives what has the same attributes the same object, since slices are made for each object. */
function sameAttributesOnce(counted: readonly Counted[]): Counted[] {
  const known = new Map<string, Attributes>();
  return counted.map((one) => {
    const key = attributesKey(one.attributes);
    const attributes = known.get(key) ?? one.attributes;
    known.set(key, attributes);
    return { ...one, attributes };
  });
}
