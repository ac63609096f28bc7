/** Takes what results text holds, in its order. */
export interface ResultSink {
  /**
   * Takes a run straight out of the bytes, which end with a 0 and three more of any kind, and returns the index after it;
   * or takes nothing, and returns `~index` of the first byte that it cannot take.
   */
  scan?(bytes: Buffer, from: number): number;
  /** The fields of a document, before its runs and once more behind them. */
  document(fields: Readonly<Record<string, unknown>>): void;
  /** A run, and the text that it was; undefined where that stood within another value. */
  run(value: unknown, text?: string | Uint8Array): void;
  /** Whether it takes no more before it was asked for what it has. */
  readonly isFull?: boolean;
  /** A place that cannot be read. */
  broken(item: 'file' | 'run', message: string): void;
}

/** The field of a document that lists its runs. */
export const RUNS_KEY = 'scenarios';
/** How many places are tried to find a run that a broken one has swallowed. */
const MAX_ATTEMPTS = 1000;
/** How often the text of a broken run is read for that at most, all attempts together. */
const MAX_READINGS = 16;

/** Parses texts that have been cut out, hands on what they come to, and reports each broken place once. */
export class ResultParts {
  /** How many runs there have been. */
  runs = 0;
  /** Whether something broken has been reported and no object has been found since. */
  recovering = false;
  readonly #sink: ResultSink;

  constructor(sink: ResultSink) {
    this.#sink = sink;
  }

  /** A run that was taken whole. */
  scanned(): void {
    this.recovering = false;
    this.runs++;
  }

  /** The text around the runs of a document. */
  document(text: string): void {
    let fields: Record<string, unknown> | undefined;
    try {
      fields = JSON.parse(text);
    } catch (error) {
      this.broken('file', `the document around the runs is not valid JSON: ${(error as Error).message}`);
    }
    if (fields) this.#sink.document(fields);
    this.recovering = false;
  }

  /** A run, or a document that stands where a run could, and its bytes. */
  value(text: string, bytes: Uint8Array): void {
    let value: unknown;
    try {
      value = parseRunText(text);
    } catch (error) {
      this.#brokenValue(text, `a run is not valid JSON: ${(error as Error).message}`);
      this.#salvage(text, /,\s*(?=\{)/g);
      return;
    }
    this.#yield(value, bytes);
  }

  /** A run that goes on nowhere. */
  endless(text: string, message: string): void {
    this.#brokenValue(text, message);
    this.#salvage(text, /\n(?=\{)/g);
  }

  /** Something between values that does not belong there. */
  stray(message: string): void {
    if (!this.recovering) this.broken('file', message);
  }

  /** Something that cannot be read. */
  broken(item: 'file' | 'run', message: string): void {
    this.#sink.broken(item, message);
    this.recovering = true;
  }

  /** A broken value is reported unless it is but the rest of one that has been reported. */
  #brokenValue(text: string, message: string): void {
    if (!this.recovering || /^\{\s*["}]/.test(text)) this.broken('run', message);
  }

  /** Where a broken run has swallowed the one behind it, that one is what can be parsed from a boundary to the end. */
  #salvage(text: string, boundaries: RegExp): void {
    let attempts = MAX_ATTEMPTS;
    let characters = MAX_READINGS * text.length;
    for (const { 0: boundary, index } of text.matchAll(boundaries)) {
      if (attempts-- === 0 || characters < 0) return;
      const rest = text.slice(index + boundary.length);
      let value: unknown;
      try {
        value = JSON.parse(rest);
      } catch (error) {
        characters -= Number(/ at position (\d+)/.exec((error as Error).message)?.[1] ?? rest.length);
        continue;
      }
      this.#yield(value, rest.trimEnd());
      return;
    }
  }

  #yield(value: unknown, text: string | Uint8Array): void {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (this.recovering && !isObject) return;
    this.recovering = false;
    const runs = isObject ? (value as Record<string, unknown>)[RUNS_KEY] : undefined;
    if (Array.isArray(runs)) this.#sink.document(value as Record<string, unknown>);
    if (Array.isArray(runs)) for (const run of runs) this.#sink.run(run);
    else this.#sink.run(value, text);
    this.runs += Array.isArray(runs) ? runs.length : 1;
  }
}

/** A string that has no end is taken to the end of the text: the search would begin again at each quote in it. */
const NOT_A_NUMBER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|-?\b(?:NaN|Infinity)\b/g;

/**
 * Parses JSON with `NaN` and `Infinity`, which Python's `json` writes though JSON has no such numbers: the first is
 * something missing, and becomes null; the second becomes text, so that only the field that it stands in is refused.
 * Throws where the rest is not JSON.
 */
function parseRunText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const quoted = text.replace(NOT_A_NUMBER, spelled);
    if (quoted === text) throw error;
    return JSON.parse(quoted);
  }
}

function spelled(token: string): string {
  if (token.startsWith('"')) return token;
  return token === 'NaN' ? 'null' : `"${token}"`;
}
