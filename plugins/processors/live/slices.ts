import type { Attributes } from '@opentelemetry/api';
import {
  Attribute,
  type Batch,
  cpuUsage,
  hostPower,
  makeRun,
  type SampledGauge,
  secondsBetween,
  signalGauge,
  toSeconds,
} from 'wattline/plugin';
import type { Boundary } from './boundaries.ts';
import type { Counted } from './ledger.ts';
import { type Piece, piecesOf } from './pieces.ts';

/** Resource attributes that mark a slice of a live stream, which `totals` adds up. */
export const StreamAttribute = {
  /** Whose slice it is. */
  id: 'stream.id',
  /** Its place among the slices that count together, from 0. */
  part: 'stream.part',
  /** On the last of these: up to where the stream has been counted with them. */
  position: 'stream.position',
} as const;

/** The slices that count together: a run for each stretch of time and boundary, and the position on the last of them. */
export function slicesOf(counted: readonly Counted[], attributes: Attributes, id: string, position: string): Batch[] {
  const power: { readonly boundary: Boundary; readonly piece: Piece }[] = [];
  const cpu: Piece[] = [];
  for (const { meaning, boundary, increments } of counted) {
    const pieces = piecesOf(increments);
    if (meaning.unit === 's' || meaning.unit === '{cpu}') cpu.push(...pieces);
    else power.push(...pieces.map((piece) => ({ boundary, piece })));
  }
  const parts: [Piece, SampledGauge[], Attributes][] = power.map(({ boundary, piece }) => {
    const fellow = cpu.findIndex((other) => isSameStretch(other, piece));
    const gauges = cpu.splice(fellow, fellow < 0 ? 0 : 1).map(({ series }) => signalGauge(cpuUsage, series));
    return [piece, [signalGauge(hostPower, piece.series), ...gauges], { [Attribute.boundary]: boundary }];
  });
  for (const piece of cpu) parts.push([piece, [signalGauge(cpuUsage, piece.series)], {}]);
  return parts.map(([piece, gauges, more], part) => {
    const marks = { [StreamAttribute.id]: id, [StreamAttribute.part]: part };
    const end = part === parts.length - 1 ? { [StreamAttribute.position]: position } : {};
    return makeRun({ ...attributes, ...windowOf(piece), ...more, ...marks, ...end }, 'wattline/live', gauges);
  });
}

/** A slice of no time: it moves nothing, and has what was counted before handed on again. */
export function emptySlice(attributes: Attributes, id: string, position: string): Batch {
  const marks = { [StreamAttribute.id]: id, [StreamAttribute.part]: 0, [StreamAttribute.position]: position };
  return makeRun({ ...attributes, ...marks }, 'wattline/live', []);
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
