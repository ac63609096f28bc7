import type { Attributes } from '@opentelemetry/api';
import type { Boundary } from 'wattline/figures';
import type { Increment } from './increments.ts';
import type { ShareOptions, Use } from './shares.ts';
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

/** Returns what is to be attributed of hosts that have turned out to be one. */
export function joinAttributions(all: readonly Attribution[]): Attribution {
  return {
    energy: all.flatMap(({ energy }) => energy),
    uses: all.flatMap(({ uses }) => uses),
    active: all.flatMap(({ active }) => active),
    idle: all.flatMap(({ idle }) => idle),
  };
}
