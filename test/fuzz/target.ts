import { isDeepStrictEqual } from 'node:util';
import type fc from 'fast-check';

/** A reader of bytes that others write, and what must hold whatever they are. */
export interface Target<T> {
  /** The name of its file, and of its folder in `corpus`. */
  readonly name: string;
  /** How many cases it gets beside others, which have 1. */
  readonly weight?: number;
  /** Bytes that are built as the reader expects them, or nearly so. */
  readonly generated: fc.Arbitrary<Uint8Array>;
  /** What edits of the corpus put in. */
  readonly words?: readonly (string | Uint8Array)[];
  /** Texts that may be as long as one likes, to see that twice the bytes do not take more than twice the time. */
  readonly growing?: readonly Growing[];
  /** How many bytes the longest of these has, where reading takes long; else 256 KiB. Edits make half of that at most. */
  readonly longest?: number;
  /** Reads bytes as the product does. */
  read(bytes: Buffer): T | Promise<T>;
  /** Whether an error is the one that the reader promises. */
  isRefusal(error: unknown): boolean;
  /** The most characters of a refusal; 2000 where it is left out. */
  readonly longestRefusal?: number;
  /** Throws where what was read is not what must hold; returns how many things were made. */
  check(value: T, bytes: Buffer): number | Promise<number>;
  /** Throws where the refusal is not what must hold. */
  checkRefusal?(error: Error, bytes: Buffer): void;
  readonly most: Cost;
  /** Removes what it has put on disk. */
  close?(): void;
}

/** What a case costs, or may cost at most, for each of its bytes and of `FREE_BYTES` more. */
export interface Cost {
  /** CPU time, in what it takes to hash a byte in JavaScript. */
  readonly steps: number;
  /** Bytes that are allocated, those that are garbage at once among them. */
  readonly memory: number;
  /** Things that come out, such as runs, points, attributes and characters of messages. */
  readonly made: number;
}

/** A text of any size: a beginning, a part that is repeated, in which `#` is its number, and an end. */
export interface Growing {
  readonly begin?: string;
  readonly part: string;
  readonly end?: string;
}

/** What a reader costs that gets no bytes is that of as many. */
export const FREE_BYTES = 4096;

/** The most characters of a violation, which may show values of any length. */
const LONGEST = 1000;

/** Says that something does not hold, and is no error of a reader. */
export class Violation extends Error {
  override name = 'Violation';
}

/** Throws a `Violation` where it does not hold. */
export function hold(condition: unknown, what: string | (() => string)): asserts condition {
  if (!condition) throw new Violation((typeof what === 'string' ? what : what()).slice(0, LONGEST));
}

/** Throws where two values are not the same, with the first place where they differ. */
export function holdSame(actual: unknown, expected: unknown, what: string): void {
  hold(isDeepStrictEqual(actual, expected), () => {
    const [path, one, other] = firstDifference(actual, expected, '');
    return `${what}: at ${path || 'the whole'} it is ${shown(one)}, not ${shown(other)}`;
  });
}

/**
 * Returns a value as OTLP keeps it: without the sign of 0, which whole numbers and those of JSON do not have. The SDK drops
 * an attribute `__proto__`.
 */
export function asWritten(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value;
  if (Array.isArray(value)) return value.map(asWritten);
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__');
  return Object.fromEntries(entries.map(([key, item]) => [key, asWritten(item)]));
}

function firstDifference(actual: unknown, expected: unknown, path: string): [string, unknown, unknown] {
  if (typeof actual !== 'object' || typeof expected !== 'object' || !actual || !expected)
    return [path, actual, expected];
  for (const key of new Set([...Object.keys(actual), ...Object.keys(expected)])) {
    const [one, other] = [actual, expected].map((value) => Object.getOwnPropertyDescriptor(value, key)?.value);
    if (!isDeepStrictEqual(one, other)) return firstDifference(one, other, `${path}.${key}`);
  }
  return [path, actual, expected];
}

function shown(value: unknown): string {
  return Object.is(value, -0)
    ? '-0'
    : typeof value === 'number'
      ? String(value)
      : `${JSON.stringify(value)}`.slice(0, 300);
}

/** Returns bytes of at most that size, or a little more: the part is there at least once. */
export function grown({ begin = '', part, end = '' }: Growing, size: number): Buffer {
  const parts = [begin];
  for (let length = begin.length + end.length, index = 0; index === 0 || length < size; index++) {
    const one = part.replaceAll('#', String(index));
    parts.push(one);
    length += one.length;
  }
  return Buffer.from(parts.join('') + end);
}
