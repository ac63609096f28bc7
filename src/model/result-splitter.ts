/** What a stream of results text holds: the fields of a document before its runs, a run's own text, or a place that cannot be read. */
export type ResultPart =
  | { readonly kind: 'document'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'run'; readonly text: string }
  | { readonly kind: 'broken'; readonly message: string };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const NEWLINE = 0x0a;
const RUNS_KEY = 'scenarios';
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** A run longer than this is refused rather than held in memory. */
const MAX_VALUE_BYTES = 64 * 1024 * 1024;

/**
 * Cuts results text into runs without reading it whole: documents `{"scenarios": [run, …]}`, bare runs, lists of runs,
 * or any sequence of these (NDJSON). It only finds where a run begins and ends, so that `JSON.parse` of each decides
 * what is valid, and one broken run costs no other.
 */
export class ResultSplitter {
  #position = 0;
  #runs = 0;
  /** Open brackets outside of the value that is being kept, at most `{` and `[`. */
  #frame: 'outside' | 'document' | 'runs' | 'list' = 'outside';
  #afterRuns = false;
  /** Open brackets within the value that is being kept. */
  #open: number[] = [];
  #inString = false;
  #escaped = false;
  /** Whether a value is being kept, and the parts of it from earlier chunks. */
  #keeping = false;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /** The last string seen directly inside of a document, and where it began. */
  #key = '';
  #keyParts: number[] | undefined;
  /** Whether the byte before this one ended a line. */
  #lineStart = false;
  /** Whether the rest of this line is passed over, since it is not JSON. */
  #skipping = false;

  /** Takes the next bytes and returns the parts that they complete. */
  push(chunk: Uint8Array): ResultPart[] {
    const parts: ResultPart[] = [];
    let from = this.#keeping ? 0 : -1;
    for (let i = 0; i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (this.#inString) {
        this.#inStringByte(byte);
        this.#lineStart = byte === NEWLINE;
        continue;
      }
      if (this.#keeping) {
        if (this.#frame === 'document') {
          if (this.#lineStart && byte === OPEN_BRACE) {
            this.#take(chunk, from, i);
            parts.push({ kind: 'broken', message: `an incomplete JSON object before byte ${this.#position + i}` });
            from = this.#startDocument(i);
            this.#lineStart = false;
            continue;
          }
          const entered = this.#inDocument(byte);
          if (entered === 'runs') {
            parts.push(this.#header(this.#take(chunk, from, i + 1)));
            from = -1;
          } else if (entered === 'end') {
            parts.push(...this.#endDocument(this.#take(chunk, from, i + 1)));
            from = -1;
          }
        } else if (this.#inRun(byte)) {
          parts.push(this.#run(this.#take(chunk, from, i)));
          from = -1;
          if (byte === CLOSE_BRACKET) from = this.#endRuns(i);
        }
      } else from = this.#between(byte, i, parts);
      this.#lineStart = byte === NEWLINE;
    }
    if (this.#keeping && from >= 0) this.#keep(chunk.subarray(from), parts);
    this.#position += chunk.length;
    return parts;
  }

  /** Says what is missing where the text ended too early. */
  end(): ResultPart[] {
    if (this.#frame === 'outside' && !this.#keeping) {
      return this.#position === 0 ? [{ kind: 'broken', message: 'the text is empty' }] : [];
    }
    const place = this.#frame === 'runs' || this.#frame === 'list' ? `after ${this.#runs} complete runs` : 'early';
    return [{ kind: 'broken', message: `the text is cut off ${place}, at byte ${this.#position}` }];
  }

  /** A byte outside of any kept value: returns where a value begins in the chunk, or -1. */
  #between(byte: number, index: number, parts: ResultPart[]): number {
    if (this.#skipping) {
      this.#skipping = byte !== NEWLINE;
      return -1;
    }
    if (isSpace(byte) || (this.#frame === 'outside' && this.#position + index < 3 && BYTE_ORDER_MARK.includes(byte)))
      return -1;
    if (this.#frame === 'outside') {
      if (byte === OPEN_BRACKET) {
        this.#frame = 'list';
        return -1;
      }
      if (byte !== OPEN_BRACE) {
        const message = `no JSON object at byte ${this.#position + index}: found ${JSON.stringify(String.fromCharCode(byte))}`;
        parts.push({ kind: 'broken', message });
        this.#skipping = byte !== NEWLINE;
        return -1;
      }
      return this.#startDocument(index);
    }
    if (byte === COMMA) return -1;
    if (byte === CLOSE_BRACKET) return this.#endRuns(index);
    this.#keeping = true;
    this.#open = [];
    if (byte === QUOTE) this.#inString = true;
    else this.#inRun(byte);
    return index;
  }

  #startDocument(index: number): number {
    this.#frame = 'document';
    this.#open = [OPEN_BRACE];
    this.#key = '';
    this.#afterRuns = false;
    this.#keeping = true;
    return index;
  }

  /** A byte of a document outside of its runs. */
  #inDocument(byte: number): 'runs' | 'end' | undefined {
    if (byte === QUOTE) {
      this.#inString = true;
      if (this.#open.length === 1 && this.#key === '') this.#keyParts = [];
      return undefined;
    }
    if (byte === COMMA && this.#open.length === 1) this.#key = '';
    if (byte === OPEN_BRACKET && this.#open.length === 1 && this.#key === RUNS_KEY) {
      this.#frame = 'runs';
      return 'runs';
    }
    this.#nest(byte);
    return this.#open.length === 0 ? 'end' : undefined;
  }

  /** A byte of a run: true where the run has ended before it. */
  #inRun(byte: number): boolean {
    if (byte === QUOTE) this.#inString = true;
    else if (this.#open.length === 0 && (byte === COMMA || byte === CLOSE_BRACKET)) return true;
    else this.#nest(byte);
    return false;
  }

  /** Follows brackets; one that does not match closes what it can, so that only the run it stands in is lost. */
  #nest(byte: number): void {
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#open.push(byte);
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      const opening = this.#open.lastIndexOf(byte - 2);
      if (opening >= 0) this.#open.length = opening;
    }
  }

  /** A byte within a string. A line break ends it: JSON allows none there, and a missing quote costs only its own line. */
  #inStringByte(byte: number): void {
    this.#keyParts?.push(byte);
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE || byte === NEWLINE) this.#endString();
  }

  #endString(): void {
    this.#inString = false;
    if (!this.#keyParts) return;
    this.#key = Buffer.from(this.#keyParts.slice(0, -1)).toString();
    this.#keyParts = undefined;
  }

  /** Leaves the list of runs; a document goes on behind it, and is kept again from there. */
  #endRuns(index: number): number {
    if (this.#frame === 'list') {
      this.#frame = 'outside';
      return -1;
    }
    this.#frame = 'document';
    this.#open = [OPEN_BRACE];
    this.#key = '';
    this.#afterRuns = true;
    this.#keeping = true;
    return index;
  }

  #header(bytes: Buffer): ResultPart {
    return asDocument(`${bytes.toString()}]}`);
  }

  #endDocument(bytes: Buffer): ResultPart[] {
    this.#frame = 'outside';
    const text = bytes.toString();
    if (this.#afterRuns) {
      const rest = asDocument(`{"${RUNS_KEY}":[${text}`);
      return rest.kind === 'broken' ? [rest] : [];
    }
    this.#runs++;
    return [{ kind: 'run', text }];
  }

  #run(bytes: Buffer): ResultPart {
    this.#runs++;
    return { kind: 'run', text: bytes.toString() };
  }

  #take(chunk: Uint8Array, from: number, to: number): Buffer {
    const bytes = Buffer.concat([...this.#kept, chunk.subarray(from, to)]);
    this.#kept = [];
    this.#keptBytes = 0;
    this.#keeping = false;
    return bytes;
  }

  #keep(bytes: Uint8Array, parts: ResultPart[]): void {
    this.#keptBytes += bytes.length;
    if (this.#keptBytes <= MAX_VALUE_BYTES) {
      this.#kept.push(bytes);
      return;
    }
    if (this.#kept.length) parts.push({ kind: 'broken', message: `a value is longer than ${MAX_VALUE_BYTES} bytes` });
    this.#kept = [];
  }
}

function asDocument(text: string): ResultPart {
  try {
    return { kind: 'document', fields: JSON.parse(text) };
  } catch (error) {
    return { kind: 'broken', message: `the document around the runs is not valid JSON: ${(error as Error).message}` };
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === NEWLINE || byte === 0x0d || byte === 0x09;
}
