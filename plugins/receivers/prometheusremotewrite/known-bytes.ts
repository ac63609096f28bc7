/** Longer ones are rarely the same again. */
const LONGEST = 1024;
const SLOTS = 32_768;

interface Kept<T> {
  readonly bytes: string;
  readonly value: T;
}

/**
 * Keeps what bytes were read as: a sender repeats the labels of a series in each request, and to compare them takes a tenth
 * of the time that it takes to read them. It holds no more than 65,536 of 1 KiB, and where there are more of them, some.
 */
export class KnownBytes<T> {
  readonly #kept: (Kept<T> | undefined)[] = new Array(SLOTS).fill(undefined);
  /** What was kept in the same place before: two that meet there do not drive each other out. */
  readonly #before: (Kept<T> | undefined)[] = new Array(SLOTS).fill(undefined);

  /** Returns what these bytes were read as; undefined where that is not kept. `view` is one of the same bytes. */
  find(bytes: Buffer, view: DataView, start: number, end: number): T | undefined {
    const length = end - start;
    if (length > LONGEST) return undefined;
    const slot = slotOf(bytes, view, start, end);
    const last = this.#kept[slot];
    if (!last) return undefined;
    const before = this.#before[slot];
    if (last.bytes.length !== length && before?.bytes.length !== length) return undefined;
    const text = bytes.toString('latin1', start, end);
    if (last.bytes === text) return last.value;
    return before && before.bytes === text ? before.value : undefined;
  }

  /** Keeps what these bytes were read as. */
  keep(bytes: Buffer, view: DataView, start: number, end: number, value: T): void {
    if (end - start > LONGEST) return;
    const slot = slotOf(bytes, view, start, end);
    this.#before[slot] = this.#kept[slot];
    this.#kept[slot] = { bytes: bytes.toString('latin1', start, end), value };
  }
}

function slotOf(bytes: Buffer, view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x85ebca6b);
    // A product carries nothing down to its lowest bits.
    hash ^= hash >>> 13;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x85ebca6b);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}
