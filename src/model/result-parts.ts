/** What a stream of results text holds: the fields of a document before its runs, a run, or a place that cannot be read. */
export type ResultPart =
  | { readonly kind: 'document'; readonly fields: Readonly<Record<string, unknown>> }
  | { readonly kind: 'run'; readonly value: unknown }
  | { readonly kind: 'broken'; readonly item: 'file' | 'run'; readonly message: string };

/** The field of a document that lists its runs. */
export const RUNS_KEY = 'scenarios';
/** How many places are tried to find a run that a broken one has swallowed. */
const MAX_ATTEMPTS = 1000;

/** Parses texts that have been cut out, gathers what they come to, and reports each broken place once. */
export class ResultParts {
  /** How many runs there have been. */
  runs = 0;
  /** Whether something broken has been reported and no object has been found since. */
  recovering = false;
  #parts: ResultPart[] = [];

  /** What has been gathered since the last call. */
  take(): ResultPart[] {
    return this.#parts.splice(0);
  }

  /** The text around the runs of a document. */
  document(text: string): void {
    try {
      this.#parts.push({ kind: 'document', fields: JSON.parse(text) });
    } catch (error) {
      this.broken('file', `the document around the runs is not valid JSON: ${(error as Error).message}`);
    }
    this.recovering = false;
  }

  /** A run, or a document that stands where a run could. */
  value(text: string): void {
    try {
      this.#yield(parseRunText(text));
    } catch (error) {
      this.#brokenValue(text, `a run is not valid JSON: ${(error as Error).message}`);
      this.#salvage(text, /,\s*(?=\{)/g);
    }
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
    this.#parts.push({ kind: 'broken', item, message });
    this.recovering = true;
  }

  /** A broken value is reported unless it is but the rest of one that has been reported. */
  #brokenValue(text: string, message: string): void {
    if (!this.recovering || /^\{\s*["}]/.test(text)) this.broken('run', message);
  }

  /** Where a broken run has swallowed the one behind it, that one is what can be parsed from a boundary to the end. */
  #salvage(text: string, boundaries: RegExp): void {
    let attempts = MAX_ATTEMPTS;
    for (const { 0: boundary, index } of text.matchAll(boundaries)) {
      if (attempts-- === 0) return;
      try {
        this.#yield(JSON.parse(text.slice(index + boundary.length)));
        return;
      } catch {}
    }
  }

  #yield(value: unknown): void {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (this.recovering && !isObject) return;
    this.recovering = false;
    const runs = isObject ? (value as Record<string, unknown>)[RUNS_KEY] : undefined;
    if (Array.isArray(runs)) this.#parts.push({ kind: 'document', fields: value as Record<string, unknown> });
    for (const run of Array.isArray(runs) ? runs : [value]) this.#parts.push({ kind: 'run', value: run });
    this.runs += Array.isArray(runs) ? runs.length : 1;
  }
}

const NOT_A_NUMBER = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

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
