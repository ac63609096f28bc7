import type { Run } from '../model/run.ts';

/** An amount, and the interval that it lies in where the data say one. */
export interface Amount {
  readonly value: number;
  readonly lower?: number | undefined;
  readonly upper?: number | undefined;
}

/** What runs came to, or what is saved of that. What is not known is absent, never 0. */
export interface Amounts {
  /** US dollars. */
  readonly usd?: Amount | undefined;
  /** Joules. */
  readonly energy?: Amount | undefined;
  /** Kilograms of CO2 equivalent. */
  readonly co2?: Amount | undefined;
}

export const adviceKinds = ['settings', 'packing', 'region', 'time', 'waste'] as const;
export type AdviceKind = (typeof adviceKinds)[number];

/** A change that somebody could have made, before it is valued. */
export interface Proposal {
  readonly kind: AdviceKind;
  /** The same for the same change of the same thing, so that it can be kept and found again. */
  readonly id: string;
  /** What to do, in one sentence. */
  readonly title: string;
  /** What must hold for it to save that. */
  readonly assumes: readonly string[];
  /** How to find out whether it does, such as a command. */
  readonly check: string;
  /** Returns the runs as they would have been; those that it does not change are the same objects. */
  apply(runs: readonly Run[]): readonly Run[];
}

/** Values runs by a whole pipeline. */
export type ValueRuns = (runs: readonly Run[]) => Promise<Amounts>;

/** Why no advice is given that somebody may look for. */
export interface Silence {
  readonly kind: AdviceKind;
  readonly reason: string;
  readonly message: string;
}

/** What an adviser finds in runs. */
export interface Findings {
  readonly proposals: readonly Proposal[];
  readonly silences: readonly Silence[];
}
