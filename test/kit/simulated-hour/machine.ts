import type { Load, Stretch } from './load.ts';

/** One series as the agent of a machine reads it. */
export interface Meter {
  readonly name: string;
  readonly unit: 'J' | 's' | 'W';
  readonly form: 'counter' | 'delta' | 'gauge';
  readonly attributes: Readonly<Record<string, string>>;
  /** What it measures. */
  readonly load: Load;
  /** Whether that counts: idle time is no use, and the cores of a socket are part of it. */
  readonly counts: boolean;
  /** What a counter had counted when the hour began. */
  readonly before: number;
  /** By how much a counter falls when its register overflows. */
  readonly range?: number;
}

/** Who reads the meters of a machine and sends what they say. */
export interface Agent {
  /** When it first reads them; then again every so often. */
  readonly phase: number;
  /** When it was started, the first time before the hour. */
  readonly starts: readonly number[];
  /** How far its clock is ahead from a time on. */
  readonly clock: readonly { readonly from: number; readonly ahead: number }[];
}

/**
 * Since when counters say that they count: the restart of what they measure, the start of the agent, the reading before as
 * delta sums do, or they do not say.
 */
export type StatedStart = 'restart' | 'agent' | 'reading' | 'none';

/** Something that is measured: a host, its sockets or cards, a container, or the processes of a service. */
export interface Machine {
  readonly scenario: string;
  readonly figure: 'energy_joules_total' | 'cpu_core_seconds_total';
  /** What its agents say of it. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Whether it says another `service.instance.id` after each restart. */
  readonly isInstance: boolean;
  readonly meters: readonly Meter[];
  /** Those of a pair each read the same meters. */
  readonly agents: readonly Agent[];
  readonly statedStart: StatedStart;
  /** When it is down. With the end of such a stretch its counters begin at 0. */
  readonly downs: readonly Stretch[];
  /** Whether its counters now and then show what they had counted shortly before. */
  readonly isNoisy: boolean;
  /** Whether all that its agents read arrives in its turn. */
  readonly losesNothing: boolean;
}

/** Returns the last restart of a machine until a time; undefined where that lies before the hour. */
export function restartBefore({ downs }: Machine, time: number): number | undefined {
  return downs.findLast(({ to }) => to < time)?.to;
}
