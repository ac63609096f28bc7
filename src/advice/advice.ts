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

export const amountNames = ['usd', 'energy', 'co2'] as const satisfies readonly (keyof Amounts)[];
export type AmountName = (typeof amountNames)[number];

export const adviceKinds = ['settings', 'packing', 'region', 'time', 'waste'] as const;
export type AdviceKind = (typeof adviceKinds)[number];

/** Returns the runs as they would have been; those that it does not change are the same objects. */
export type Change = (runs: readonly Run[]) => readonly Run[];

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
  /** What it is to save; money where that is known, else energy, else emissions, where it is left out. */
  readonly aim?: AmountName | undefined;
  /** Amounts that cannot be compared before and after it, such as money at prices of different bases. */
  readonly notCompared?: readonly AmountName[] | undefined;
  readonly apply: Change;
  /** The same change where what it rests on is at the ends of its interval: the savings of these bound the saving. */
  readonly ends?: readonly Change[] | undefined;
}

/** Which emissions of the grid a run counts: those of all its plants together, or of the plant that one more kWh sets going. */
export type Signal = 'average' | 'marginal';

/** What the money of a run pays for: all of it, or its energy alone where its CPU time is not known. */
export type Money = 'total' | 'energy';

/** A run as it was read, and what a whole pipeline makes of it. */
export interface ValuedRun {
  readonly raw: Run;
  /** Undefined where the pipeline has dropped or refused it. */
  readonly valued: Run | undefined;
  readonly amounts: Amounts;
  /** Undefined where its emissions are not known. */
  readonly signal?: Signal | undefined;
  /** Undefined where its money is not known. */
  readonly money?: Money | undefined;
}

/** Values runs by a whole pipeline, which knows nothing of runs that it has valued before. Returns them in their order. */
export type ValueRuns = (runs: readonly Run[]) => Promise<readonly ValuedRun[]>;

/** Why no advice is given that somebody may look for. */
export interface Silence {
  readonly kind: AdviceKind | 'all';
  /** A word in lower_snake_case. */
  readonly reason: string;
  readonly message: string;
}

/** What an adviser finds in runs. */
export interface Findings {
  readonly proposals: readonly Proposal[];
  readonly silences: readonly Silence[];
}

/** What is asked of settings of encoders. */
export interface SettingsWanted {
  /** The VMAF that must be held; where it is left out, that which each setting has now, less the tolerance. */
  readonly vmaf?: number | undefined;
  /** By how many points of VMAF an encode may be worse and count as equal. */
  readonly tolerance: number;
  /** The energy that delivers a bit to a viewer, in joules; no default holds for all networks. */
  readonly joulesPerBit?: number | undefined;
  /** How often each encode is viewed. */
  readonly views?: number | undefined;
}

/** What advisers are told besides the runs. */
export interface AdviserOptions {
  readonly value: ValueRuns;
  /** The regions that runs may be moved to; undefined is all of the same cloud. */
  readonly regions?: readonly string[] | undefined;
  /** The seconds from the start of a run in which it must have ended; undefined is no time to spare. */
  readonly deadline?: number | undefined;
  /** The seconds that a machine may be idle. */
  readonly idleLimit: number;
  /** What settings of encoders must hold; undefined is the VMAF that each has now, less the default tolerance. */
  readonly settings?: SettingsWanted | undefined;
}

/** Looks for changes that would have saved something of these runs, all of which have figures of their own power. */
export type Adviser = (runs: readonly ValuedRun[], options: AdviserOptions) => Findings | Promise<Findings>;
