import fc from 'fast-check';

const NUMBERS = [
  '0',
  '-0',
  '-1',
  '1e400',
  '1e-400',
  '9007199254740993',
  '18446744073709551616',
  '0.1',
  '1e10',
  '00',
  'NaN',
];
const LENGTHS = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const TIMES = [2, 2, 2, 3, 3, 10, 10, 100, 3000];

/** An edit: its kind, a place, a size and a choice, which are taken modulo what there is. */
type Edit = readonly [kind: number, at: number, size: number, choice: number];

/** What edits are made with. */
interface Material {
  /** The most bytes of a case. */
  readonly most: number;
  readonly corpus: readonly Buffer[];
  readonly words: readonly Buffer[];
}

/** Returns bytes of the corpus with some edits. Shrinks to fewer of them. */
export function editsOf(material: Material): fc.Arbitrary<Uint8Array> {
  const { corpus, most } = material;
  const any = fc.nat(0x7fffffff);
  const edit = fc.tuple(fc.nat(EDITS.length - 1), any, fc.oneof(fc.nat(8), any), any);
  const edits = fc.array(edit, { minLength: 1, maxLength: 6 });
  return fc.tuple(fc.nat(corpus.length - 1), edits).map(([entry, list]) => {
    const bytes = list.reduce((before, one) => applied(before, one, material), corpus[entry] as Buffer);
    return bytes.subarray(0, most);
  });
}

type Apply = (bytes: Buffer, at: number, size: number, choice: number, material: Material) => Buffer;

const EDITS: readonly Apply[] = [
  // Cuts.
  (bytes, at, size) => replaced(bytes, at, size, Buffer.alloc(0)),
  // Cuts off the end.
  (bytes, at) => bytes.subarray(0, at),
  // Flips a bit.
  (bytes, at, _, choice) => replaced(bytes, at, 1, Buffer.of((bytes[at] ?? 0) ^ (1 << (choice % 8)))),
  // Sets a byte.
  (bytes, at, _, choice) => replaced(bytes, at, 1, Buffer.of(choice % 256)),
  // Repeats a part.
  (bytes, at, size, choice, { most }) => {
    const part = bytes.subarray(at, at + size);
    const times = Math.min(pick(TIMES, choice), Math.floor(most / Math.max(1, part.length)));
    return replaced(bytes, at, 0, Buffer.alloc(part.length * times, part));
  },
  // Puts in a part of another entry.
  (bytes, at, size, choice, { corpus }) => {
    const other = pick(corpus, choice);
    const from = choice % (other.length + 1);
    return replaced(bytes, at, 0, other.subarray(from, from + size));
  },
  // Goes on as another entry does.
  (bytes, at, _, choice, { corpus }) => {
    const other = pick(corpus, choice);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(choice % (other.length + 1))]);
  },
  // Puts in a word, or replaces a part by it.
  (bytes, at, size, choice, { words }) => (words.length ? replaced(bytes, at, size % 4, pick(words, choice)) : bytes),
  // Changes the next number that is written in digits.
  (bytes, at, _, choice) => {
    let from = at;
    while (from < bytes.length && !isDigit(bytes[from])) from++;
    let end = from;
    while (end < bytes.length && isDigit(bytes[end])) end++;
    return replaced(bytes, from, end - from, Buffer.from(pick(NUMBERS, choice)));
  },
  // Changes what may be a length.
  (bytes, at, size, choice) => {
    const number = Buffer.alloc(4);
    if (choice % 2) number.writeUInt32BE(pick(LENGTHS, choice >> 1));
    else number.writeUInt32LE(pick(LENGTHS, choice >> 1));
    const width = [1, 2, 4][size % 3] as number;
    return replaced(bytes, at, width, choice % 2 ? number.subarray(4 - width) : number.subarray(0, width));
  },
];

function applied(bytes: Buffer, [kind, at, size, choice]: Edit, material: Material): Buffer {
  const place = at % (bytes.length + 1);
  return (EDITS[kind] as Apply)(bytes, place, size % (bytes.length - place + 1), choice, material);
}

function replaced(bytes: Buffer, at: number, length: number, by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + length)]);
}

function pick<T>(list: readonly T[], choice: number): T {
  return list[choice % list.length] as T;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}
