/** Longer ones are rarely the same again. */
const LONGEST = 1024;
const SLOTS = 65_536;
/** The bytes of one store: labels of some 80,000 series. */
const STORE_BYTES = 16 * 1024 * 1024;
const WORD = 4;

/** Bytes one after the other, each from a whole word on. */
interface Store {
  readonly bytes: Buffer;
  readonly view: DataView;
  used: number;
}

interface Kept<T> {
  readonly store: Store;
  readonly at: number;
  readonly length: number;
  readonly value: T;
}

/**
 * Keeps what bytes were read as: a sender repeats the labels of a series in each request, and to compare them takes less than
 * to read them, or to make a text of them that a map finds. It holds 32 MiB of bytes at most; what has not come again goes.
 */
export class KnownBytes<T> {
  readonly #kept: (Kept<T> | undefined)[] = new Array(SLOTS).fill(undefined);
  /** What was kept in the same place before: two that meet there do not drive each other out. */
  readonly #second: (Kept<T> | undefined)[] = new Array(SLOTS).fill(undefined);
  #store = createStore(STORE_BYTES / 256);
  #before = this.#store;

  /** Returns what these bytes are read as, which `read` does where that is not kept; `view` is one of the same bytes. */
  of(bytes: Buffer, view: DataView, start: number, end: number, read: () => T): T {
    const length = end - start;
    if (length > LONGEST) return read();
    const slot = slotOf(bytes, view, start, end);
    const first = this.#kept[slot];
    if (first?.store === this.#store && isSame(first, bytes, view, start, length)) return first.value;
    const second = this.#second[slot];
    if (second?.store === this.#store && isSame(second, bytes, view, start, length)) return second.value;
    const older = [first, second].find((one) => one?.store === this.#before && isSame(one, bytes, view, start, length));
    const value = older ? older.value : read();
    this.#second[slot] = first === older ? second : first;
    this.#kept[slot] = this.#keep(bytes, start, end, value);
    return value;
  }

  #keep(bytes: Buffer, start: number, end: number, value: T): Kept<T> {
    if (this.#store.used + LONGEST > this.#store.bytes.length) {
      this.#before = this.#store;
      // A sender of few series needs little.
      this.#store = createStore(Math.min(STORE_BYTES, 4 * this.#store.bytes.length));
    }
    const store = this.#store;
    const at = store.used;
    bytes.copy(store.bytes, at, start, end);
    store.used = Math.ceil((at + end - start) / WORD) * WORD;
    return { store, at, length: end - start, value };
  }
}

function createStore(size: number): Store {
  const bytes = Buffer.from(new ArrayBuffer(size));
  return { bytes, view: new DataView(bytes.buffer), used: 0 };
}

function slotOf(bytes: Buffer, view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + WORD <= end; at += WORD) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x85ebca6b);
    // A product carries nothing down to its lowest bits.
    hash ^= hash >>> 13;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x85ebca6b);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

function isSame<T>(kept: Kept<T>, bytes: Buffer, view: DataView, start: number, length: number): boolean {
  if (kept.length !== length) return false;
  const { view: own, bytes: ownBytes } = kept.store;
  let index = 0;
  for (; index + WORD <= length; index += WORD) {
    if (own.getInt32(kept.at + index, true) !== view.getInt32(start + index, true)) return false;
  }
  for (; index < length; index++) if (ownBytes[kept.at + index] !== bytes[start + index]) return false;
  return true;
}
