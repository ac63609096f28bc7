import type { PeerPackages } from './peers.ts';
import { type Spread, spreadOf } from './spread.ts';

export type Unit = '×' | 'ms' | 'MiB' | '%' | 's' | 'µs' | 'points/s' | 'points/CPU s' | 'B' | 'requests';

/** A measurement in its unit. */
export interface Quantity extends Spread {
  readonly unit: Unit;
}

/** A line of the table: what was measured, and whether its goal holds. */
export interface Row {
  /** By which it is found in an earlier result. */
  readonly id: string;
  readonly measure: string;
  /** The goal in words; without one the row is shown beside another. */
  readonly goal?: string;
  /** What the goal is about; where it compares, it is reckoned from the measurements of the same round. */
  readonly value: Quantity;
  /** The most, or the least, that the median may be. */
  readonly most?: number;
  readonly least?: number;
  /** What the value comes from, and what else was seen. */
  readonly parts?: Readonly<Record<string, Quantity>>;
}

/** How the benches are to run. */
export interface BenchOptions {
  readonly rounds: number;
  /** The arguments of Node that run Wattline's command line. */
  readonly wattline: readonly string[];
  /** Larger inputs are left out. */
  readonly mostRuns: number;
  /** Where there are any, other tools are measured too. */
  readonly peers?: PeerPackages | undefined;
  /** Tiny sizes, only to see that everything runs. */
  readonly smoke: boolean;
  /** Says what is being done. */
  log(line: string): void;
}

/** Rows that are measured together. */
export interface Bench {
  /** What `--only` calls it. */
  readonly name: string;
  run(options: BenchOptions): Promise<Row[]>;
}

/** Whether a row's goal holds; undefined where it has none. */
export function holds({ value, most, least }: Row): boolean | undefined {
  if (most !== undefined) return value.median <= most;
  return least === undefined ? undefined : value.median >= least;
}

/** The spread of measurements in a unit. */
export function spreadIn(unit: Unit, values: readonly number[]): Quantity {
  return { ...spreadOf(values), unit };
}

/** `1,000 runs`. */
export function count(runs: number): string {
  return `${runs.toLocaleString('en')} ${runs === 1 ? 'run' : 'runs'}`;
}
