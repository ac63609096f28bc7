import type { HrTime } from '@opentelemetry/api';
import { Series, secondsBetween } from 'wattline/plugin';
import type { Increment } from './increments.ts';

/** A stretch of time without a gap, and the mean rate over each part of it: watts or cores. */
export interface Piece {
  readonly start: HrTime;
  readonly end: HrTime;
  /** Samples that hold from their times to the next one's; the last ends with the piece. */
  readonly series: Series;
}

/** Adds up the increments of several meters, whose points need not have the same times. */
export function piecesOf(increments: readonly Increment[]): Piece[] {
  const edges = edgesOf(increments);
  const index = new Map(edges.map((edge, i) => [keyOf(edge), i]));
  const rates = new Float64Array(edges.length);
  const isCovered = new Uint8Array(edges.length);
  for (const { from, to, amount } of increments) {
    const rate = amount / secondsBetween(from, to);
    const end = index.get(keyOf(to)) as number;
    for (let i = index.get(keyOf(from)) as number; i < end; i++) {
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
  return { start, end, series: Series.irregular(start, offsets, Float64Array.of(...rates, Number.NaN)) };
}

function edgesOf(increments: readonly Increment[]): HrTime[] {
  const edges = new Map<string, HrTime>();
  for (const { from, to } of increments) for (const edge of [from, to]) edges.set(keyOf(edge), edge);
  return [...edges.values()].sort((a, b) => secondsBetween(b, a));
}

function keyOf([seconds, nanoseconds]: HrTime): string {
  return `${seconds}.${nanoseconds}`;
}
