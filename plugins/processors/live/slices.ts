import type { Attributes } from '@opentelemetry/api';
import { type Boundary, integrate, isCpu } from 'wattline/figures';
import {
  Attribute,
  cpuUsage,
  hostPower,
  Run,
  type Samples,
  samplesOf,
  secondsBetween,
  toSeconds,
} from 'wattline/plugin';
import type { Increment } from './increments.ts';
import type { Counted } from './ledger-update.ts';
import { type Piece, piecesOf } from './pieces.ts';

const SCOPE = 'wattline/live';

/** What a resource came to, and the attributes of its slices. */
export interface Sliced {
  readonly counted: readonly Counted[];
  readonly attributes: Attributes;
}

/** A slice before it is known which of those that count together it is. */
type Part = readonly [Piece, Samples[], Attributes];

/**
 * Returns the slices of a host that count together: a run for each resource, stretch of time and boundary, and the position
 * on the last of them.
 */
export function slicesOf(resources: readonly Sliced[], id: string, position: string): Run[] {
  const parts = resources.flatMap(partsOf);
  return parts.map(([piece, samples, attributes], part) => {
    const marks = { [Attribute.streamId]: id, [Attribute.streamPart]: part };
    const last = part === parts.length - 1 ? { [Attribute.streamPosition]: position } : {};
    return Run.of({ ...attributes, ...windowOf(piece), ...marks, ...last }, { samples });
  });
}

function partsOf({ counted, attributes }: Sliced): Part[] {
  const power: { readonly boundary: Boundary; readonly piece: Piece; readonly certainty: Attributes }[] = [];
  const cpu: Piece[] = [];
  for (const { meaning, boundary, increments } of counted) {
    const pieces = piecesOf(increments);
    if (isCpu(meaning)) cpu.push(...pieces);
    else power.push(...pieces.map((piece, i) => ({ boundary, piece, certainty: certaintyOf(increments, i) })));
  }
  const parts = power.map(({ boundary, piece, certainty }): Part => {
    const fellow = cpu.findIndex((other) => isSameStretch(other, piece));
    const gauges = cpu.splice(fellow, fellow < 0 ? 0 : 1).map(({ series }) => samplesOf(cpuUsage, series, SCOPE));
    const samples = [samplesOf(hostPower, piece.series, SCOPE), ...gauges];
    return [piece, samples, { ...attributes, ...certainty, [Attribute.boundary]: boundary }];
  });
  return [...parts, ...cpu.map((piece): Part => [piece, [samplesOf(cpuUsage, piece.series, SCOPE)], attributes])];
}

/** Of a piece of modelled power its mean and bounds in watts, where these are known, and whether it is extrapolated. */
function certaintyOf(increments: readonly Increment[], index: number): Attributes {
  const extrapolated = increments.some((one) => one.extrapolated) && { 'power.extrapolated': true };
  if (!increments.some(({ bounds }) => bounds)) return { ...extrapolated };
  const meanWith = (factor: (bounds: readonly [lower: number, upper: number]) => number) => {
    const scaled = increments.map((one) => ({ ...one, amount: one.amount * factor(one.bounds ?? [1, 1]) }));
    const integral = integrate((piecesOf(scaled)[index] as Piece).series, { sampling: 'interval' });
    return integral && integral.value / integral.span;
  };
  return {
    ...extrapolated,
    'power.predicted_watts': meanWith(() => 1),
    'power.predicted_watts_lower': meanWith(([lower]) => lower),
    'power.predicted_watts_upper': meanWith(([, upper]) => upper),
  };
}

/** A slice of no time: it moves nothing, and has what was counted before handed on again. */
export function emptySlice(attributes: Attributes, id: string, position: string): Run {
  const marks = { [Attribute.streamId]: id, [Attribute.streamPart]: 0, [Attribute.streamPosition]: position };
  return Run.of({ ...attributes, ...marks });
}

function windowOf({ start, end }: Piece): Attributes {
  return {
    [Attribute.startTime]: toSeconds(start),
    [Attribute.duration]: secondsBetween(start, end),
    [Attribute.sampling]: 'interval',
  };
}

function isSameStretch(a: Piece, b: Piece): boolean {
  return secondsBetween(a.start, b.start) === 0 && secondsBetween(a.end, b.end) === 0;
}
