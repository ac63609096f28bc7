import type { Attributes } from '@opentelemetry/api';

/** Longer ones are rarely the same again. */
const LONGEST = 512;
const SLOTS = 8192;

/** Attributes that were read. */
export interface ReadAttributes {
  readonly attributes: Attributes;
  /** How many messages were in how many others when they were read. */
  readonly messages: number;
  readonly depth: number;
}

interface Kept extends ReadAttributes {
  readonly bytes: string;
}

/**
 * Keeps the attributes of points and resources by their bytes: senders repeat them in each request, and comparing the bytes
 * takes an eighth of the time that reading them takes. It holds no more than 8,192 of 512 bytes.
 */
export class KnownAttributes {
  readonly #kept: (Kept | undefined)[] = new Array(SLOTS).fill(undefined);

  /** Returns what these bytes were read as, as deep in other messages as now; undefined where that is not kept. */
  find(bytes: Buffer, start: number, end: number, depth: number): ReadAttributes | undefined {
    if (end - start > LONGEST) return undefined;
    const kept = this.#kept[slotOf(bytes, start, end)];
    return kept?.depth === depth && isAt(kept.bytes, bytes, start, end) ? kept : undefined;
  }

  /** Keeps what these bytes were read as. */
  keep(bytes: Buffer, start: number, end: number, read: ReadAttributes): void {
    if (end - start > LONGEST) return;
    this.#kept[slotOf(bytes, start, end)] = { ...read, bytes: bytes.toString('latin1', start, end) };
  }
}

function slotOf(bytes: Buffer, start: number, end: number): number {
  let hash = end - start;
  for (let index = start; index < end; index++) hash = (Math.imul(hash, 31) + (bytes[index] as number)) | 0;
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function isAt(kept: string, bytes: Buffer, start: number, end: number): boolean {
  if (kept.length !== end - start) return false;
  for (let index = 0; index < kept.length; index++) if (kept.charCodeAt(index) !== bytes[start + index]) return false;
  return true;
}

/** Returns where the fields of a tag end that follow each other from there on; 0 where one of them is a long one. */
export function endOfFields(bytes: Buffer, from: number, tag: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] === tag) {
    const length = bytes[at + 1] as number;
    if (length >= 0x80) return 0;
    at += 2 + length;
  }
  return at <= end ? at : 0;
}
