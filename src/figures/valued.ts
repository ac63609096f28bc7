import { isWithin } from '../model/attributes.ts';
import { type Figure, figure } from '../model/figure.ts';
import type { Run } from '../model/run.ts';

/** The figure of each valuation, in their order. */
export type FoundFigures = readonly (Figure | undefined)[];

/** Resolves with what values each of these runs; what it returns is good until the next one. */
export type Valuer = (runs: readonly Run[], abort: AbortSignal) => Promise<(run: Run) => FoundFigures>;

/** What a run was valued at, and what that rests on. */
export interface Valued {
  readonly found: FoundFigures;
  /** The state of a factor that is furthest from live, by `rankOf`. */
  readonly rank: number;
  /** Whether a factor may still be revised. */
  readonly mayChange: boolean;
}

/** Sums of the same parts in another order differ by less. */
const ROUNDING = 1e-9;

/** Returns whether figures have the same value but for rounding. */
export function isSame(a: Figure | undefined, b: Figure | undefined): boolean {
  if (!a || !b) return a === b;
  return Math.abs(a.value - b.value) <= ROUNDING * Math.max(Math.abs(a.value), Math.abs(b.value));
}

/** Returns sums of figures, or with -1 differences; they keep the labels of the first. */
export function plus(some: FoundFigures, more: FoundFigures, sign: 1 | -1 = 1): FoundFigures {
  return Array.from(some, (one, index) => {
    const other = more[index];
    if (!other) return one;
    const { definition, labels, factor } = one ?? other;
    return figure(definition, (one?.value ?? 0) + sign * other.value, labels, factor);
  });
}

/**
 * Returns what is known of a kept run that is valued once more: what stands in while a service is away is no better than what
 * was known, and what is not known any more stays as it was.
 */
export function bestOf(kept: Valued, own: FoundFigures, rank: number): Pick<Valued, 'found' | 'rank'> {
  if (rank > kept.rank) return { found: kept.found, rank: kept.rank };
  return { found: own.map((figure, index) => figure ?? kept.found[index]), rank };
}

/**
 * Returns figures in the series that those before are in: the state of a factor is that of the first time. What else they say
 * is theirs, such as that the price of CPU time includes them since it is configured so.
 */
export function withStateOf(before: FoundFigures, found: FoundFigures): (Figure | undefined)[] {
  return Array.from(found, (figure, index) => {
    const known = before[index];
    if (!figure || !known) return figure;
    const { state: _, ...labels } = figure.labels ?? {};
    const state = known.labels?.state;
    return { ...figure, labels: state === undefined ? labels : { ...labels, state } };
  });
}

/** Returns whether figures have the same labels. */
export function areAlike(some: FoundFigures, others: FoundFigures): boolean {
  return some.every((figure, index) => {
    const [a, b] = [figure?.labels ?? {}, others[index]?.labels ?? {}];
    return isWithin(a, b) && isWithin(b, a);
  });
}
