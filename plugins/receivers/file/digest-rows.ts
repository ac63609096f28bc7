/** A key of a state, and the digests of runs that are written under it. */
export type Row = readonly [key: string, text: string];

/** How many digests share a row: it is written again for each list that is added, until it is full. */
const ROW = 256;
const DIGITS = 16;
const DAY = 86_400_000;

/** The rows under one prefix, each with the day on which it was begun, which grow by what is added. */
export class DigestRows {
  readonly #prefix: string;
  #day = -1;
  #number = 0;
  /** The digests of the row that is not full yet. */
  #open = '';

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Takes note of a row that is there already, so that none is written under the same key. */
  skip(key: string): void {
    this.#number = Math.max(this.#number, Number(key.split('/')[2]) + 1);
  }

  /** Returns the rows to write so that these digests are there too; `isWritten` is to be called once that is done. */
  add(digests: readonly string[], now = Date.now()): { readonly rows: readonly Row[]; isWritten(): void } {
    const day = Math.floor(now / DAY);
    const isOpen = day === this.#day && this.#open.length < ROW * DIGITS;
    const first = isOpen ? this.#number : this.#number + 1;
    // Slices of long texts would keep these in memory.
    const text = Buffer.from((isOpen ? this.#open : '') + digests.join(''), 'latin1').toString('latin1');
    const rows: Row[] = [];
    for (let at = 0; at < text.length; at += ROW * DIGITS)
      rows.push([this.#key(day, first + rows.length), text.slice(at, at + ROW * DIGITS)]);
    return {
      rows,
      isWritten: () => {
        this.#day = day;
        this.#number = first + Math.max(rows.length - 1, 0);
        this.#open = rows.at(-1)?.[1] ?? this.#open;
      },
    };
  }

  #key(day: number, number: number): string {
    return `${this.#prefix}${String(day).padStart(6, '0')}/${String(number).padStart(10, '0')}`;
  }
}

/** Returns the digests of a row. */
export function digestsOf([, text]: Row): string[] {
  return Array.from({ length: Math.floor(text.length / DIGITS) }, (_, i) => text.slice(i * DIGITS, (i + 1) * DIGITS));
}

/** Returns how many days ago a row was begun. */
export function ageOf([key]: Row, now = Date.now()): number {
  return Math.floor(now / DAY) - Number(key.split('/')[1]);
}
