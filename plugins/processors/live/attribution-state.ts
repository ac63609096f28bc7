import type { Attributes } from '@opentelemetry/api';
import type { Boundary } from 'wattline/figures';
import { attributesKey } from 'wattline/plugin';
import type { Increment } from './increments.ts';
import type { ShareOptions, Use } from './shares.ts';
import { addedUp, withMore } from './stretches.ts';
import type { Level } from './workloads.ts';

/** To whom the energy of hosts is attributed, and how. */
export interface AttributionOptions extends ShareOptions {
  readonly level: Level;
}

/** Energy of a host that is to be shared once it is known who used the host meanwhile. */
export interface WaitingEnergy {
  readonly boundary: Boundary;
  readonly attributes: Attributes;
  readonly increments: readonly Increment[];
}

/** What a workload used, or what all others did, which name none. */
export interface WaitingUse {
  readonly unit: Use['unit'];
  /** The attributes that name the workload, and its scenario. */
  readonly workload?: Attributes | undefined;
  readonly increments: readonly Increment[];
}

/** What is to be attributed, and what came of the last time. */
export interface Attribution {
  readonly energy: readonly WaitingEnergy[];
  readonly uses: readonly WaitingUse[];
  /** What meters of power say of all workloads together. */
  readonly active: readonly Increment[];
  readonly idle: readonly Increment[];
  /** The energy that was shared last, and what of it was left over, in J. */
  readonly shared?: readonly [joules: number, rest: number];
}

/** Returns a text that is the same for energy of one boundary and attributes only. */
export function energyKey({ boundary, attributes }: WaitingEnergy): string {
  return `${boundary} ${attributesKey(attributes)}`;
}

/** Returns a text that is the same for uses of one workload and unit only. */
export function useKey({ unit, workload }: Omit<WaitingUse, 'increments'>): string {
  return `${unit} ${workload ? attributesKey(workload) : ''}`;
}

/** Returns what is to be attributed of hosts that have turned out to be one. */
export function joinAttributions(all: readonly Attribution[]): Attribution {
  return {
    energy: gathered(
      all.flatMap(({ energy }) => energy),
      energyKey,
    ),
    uses: gathered(
      all.flatMap(({ uses }) => uses),
      useKey,
    ),
    active: addedUp(all.flatMap(({ active }) => active)),
    idle: addedUp(all.flatMap(({ idle }) => idle)),
  };
}

/** Returns things of which several have one key, such as a pod that two hosts had before they were one, each once. */
function gathered<T extends { readonly increments: readonly Increment[] }>(
  all: readonly T[],
  keyOf: (one: T) => string,
): T[] {
  const byKey = new Map<string, T>();
  for (const one of all) {
    const known = byKey.get(keyOf(one));
    byKey.set(keyOf(one), known ? { ...known, increments: withMore(known.increments, one.increments) } : one);
  }
  return [...byKey.values()];
}
