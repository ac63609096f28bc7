import type { HrTime } from '@opentelemetry/api';
import { Series, secondsBetween } from 'wattline/plugin';
import type { Increment } from './increments.ts';
import { isSameStretch } from './stretches.ts';

/** A stretch of time without a gap, and the mean rate over each part of it: watts or cores. */
export interface Piece {
  readonly start: HrTime;
  readonly end: HrTime;
  /** Samples that hold from their times to the next one's; the last ends with the piece. */
  readonly series: Series;
}

/** Adds up the increments of several meters, whose points need not have the same times. */
export function piecesOf(increments: readonly Increment[]): Piece[] {
  const [only] = increments;
  if (only && increments.length === 1) {
    const { from: start, to: end, amount } = only;
    const seconds = secondsBetween(start, end);
    return [{ start, end, series: Series.regular(start, seconds, Float64Array.of(amount / seconds)) }];
  }
  const edges = edgesOf(increments);
  const rates = new Float64Array(edges.length);
  const isCovered = new Uint8Array(edges.length);
  let [start, end] = [0, 0];
  let before: Increment | undefined;
  for (const increment of increments) {
    const { from, to, amount } = increment;
    const rate = amount / secondsBetween(from, to);
    if (!before || !isSameStretch(increment, before)) [start, end] = [indexOf(edges, from), indexOf(edges, to)];
    before = increment;
    for (let i = start; i < end; i++) {
      rates[i] = (rates[i] as number) + rate;
      isCovered[i] = 1;
    }
  }
  const pieces: Piece[] = [];
  let begin = 0;
  for (let i = 1; i < edges.length; i++) {
    if (isCovered[i]) continue;
    pieces.push(pieceOf(edges.slice(begin, i + 1), rates.subarray(begin, i)));
    begin = i + 1;
  }
  return pieces;
}

function pieceOf(edges: readonly HrTime[], rates: Float64Array): Piece {
  const start = edges[0] as HrTime;
  const end = edges.at(-1) as HrTime;
  const offsets = Float64Array.from(edges, (edge) => secondsBetween(start, edge));
  const step = offsets[1] as number;
  if (offsets.every((offset, i) => offset === i * step))
    return { start, end, series: Series.regular(start, step, rates) };
  // What follows the last sample says how long it lasts, and is itself missing.
  return { start, end, series: Series.held(start, offsets, Float64Array.of(...rates, Number.NaN)) };
}

/** Returns the times at which an increment begins or ends, ascending, each once. */
export function edgesOf(increments: readonly Increment[]): HrTime[] {
  const edges: HrTime[] = [];
  let before: Increment | undefined;
  for (const increment of increments) {
    // Most meters have points at the same times.
    if (!before || !isSameStretch(increment, before)) edges.push(increment.from, increment.to);
    before = increment;
  }
  edges.sort((a, b) => secondsBetween(b, a));
  return edges.filter((edge, i) => i === 0 || secondsBetween(edges[i - 1] as HrTime, edge) > 0);
}

/** The index of a time among others that ascend, of which it is one. */
function indexOf(edges: readonly HrTime[], time: HrTime): number {
  let [low, high] = [0, edges.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (secondsBetween(edges[middle] as HrTime, time) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
