import { type Digest, loadDigest } from './digest.ts';
import { documentTimeOf } from './document-time.ts';
import { Fields } from './fields.ts';
import type { ResultSink } from './parts.ts';
import { type ParsedRun, ResultsLimitError, type ResultsOptions, RunMapping, refuse } from './run-of-fields.ts';
import { describe } from './samples.ts';
import { ResultScanner } from './scanner.ts';
import type { SplitPlace } from './split-place.ts';
import { ResultSplitter } from './splitter.ts';

/**
 * Reads runs out of results text that arrives in chunks: `{"test_date": …, "scenarios": [run, …]}`, or one run a line.
 * What cannot be read is a refusal in its place, and the rest goes on. Yields what each chunk completes, in lists of at
 * most 256. Throws `ResultsLimitError` where there are more runs than `maxRuns`, after those.
 */
export async function* readResults(
  chunks: AsyncIterable<Uint8Array>,
  options: ResultsOptions,
): AsyncGenerator<readonly ParsedRun[]> {
  const reader = new ResultReader(options);
  for await (const chunk of chunks) {
    for (let runs = reader.push(chunk); runs.length; runs = reader.goOn()) yield runs;
  }
  const rest = reader.end();
  if (rest.length) yield rest;
}

/** Where a text can be read on later, behind the last complete run, with what is known of the text before. */
export interface ResultsPlace extends SplitPlace {
  /** Seconds since 1970 that the document says that its runs ended at. */
  readonly documentTime?: number | undefined;
}

/** How many runs are read at most in one go: a chunk may hold thousands that are next to nothing. */
const MOST_AT_ONCE = 256;

/**
 * Makes runs of results text as its bytes come: the splitter cuts it, plain runs are scanned straight out of the bytes, and
 * `JSON.parse` reads the others. Both become fields, of which one mapping makes a run.
 */
export class ResultReader implements ResultSink {
  /** How many runs were scanned, and how many `JSON.parse` took. */
  readonly count = { scanned: 0, parsed: 0 };
  readonly #options: ResultsOptions;
  readonly #splitter: ResultSplitter;
  readonly #scanner = new ResultScanner();
  readonly #parsed = new Fields();
  readonly #mapping = new RunMapping();
  /** The options, with the time of the document that is being read. */
  #current: ResultsOptions;
  #runs: ParsedRun[] = [];
  #documentTime: number | undefined;
  /** How many runs more there may be. */
  #left: number;
  readonly #maxRunBytes: number;
  readonly #digest: Digest | undefined;

  /** Reads a text from its beginning, or on from a place in it. */
  constructor(options: ResultsOptions, place?: ResultsPlace) {
    this.#options = options;
    this.#current = options;
    this.#left = options.maxRuns ?? Number.POSITIVE_INFINITY;
    this.#maxRunBytes = options.maxRunBytes ?? Number.POSITIVE_INFINITY;
    this.#digest = options.digests ? loadDigest() : undefined;
    this.#splitter = new ResultSplitter(this, { maxValueBytes: options.maxRunBytes, place });
    this.#setTime(place?.documentTime);
  }

  /** Where another reader can go on with the same text. */
  get place(): ResultsPlace {
    return { ...this.#splitter.place, documentTime: this.#documentTime };
  }

  /** Whether the text may end here, so that `end` would report nothing. */
  get isComplete(): boolean {
    return this.#splitter.isComplete;
  }

  /** Takes the next bytes and returns what they complete, or the first part of it. */
  push(chunk: Uint8Array): readonly ParsedRun[] {
    this.#splitter.push(chunk);
    return this.#take();
  }

  /** Returns the next part of what the bytes complete; nothing where that was all. */
  goOn(): readonly ParsedRun[] {
    this.#splitter.goOn();
    return this.#take();
  }

  get isFull(): boolean {
    return this.#runs.length >= MOST_AT_ONCE || this.#left < 0;
  }

  /** Returns what is missing where the text ended too early. */
  end(): readonly ParsedRun[] {
    this.#splitter.end();
    return this.#take();
  }

  scan(bytes: Buffer, from: number): number {
    const end = this.#scanner.scan(bytes, from);
    if (end < 0) return end;
    // The splitter says that it is too long.
    if (end - from > this.#maxRunBytes) return ~from;
    this.count.scanned++;
    const run = this.#mapping.map(this.#scanner.fields, this.#current);
    this.#add(this.#digest ? { ...run, digest: this.#digest(bytes.subarray(from, end)) } : run);
    return end;
  }

  document(fields: Readonly<Record<string, unknown>>): void {
    const time = documentTimeOf(fields);
    if (typeof time === 'object') this.#add(time);
    this.#setTime(typeof time === 'number' ? time : undefined);
  }

  run(value: unknown, text?: string | Uint8Array): void {
    this.count.parsed++;
    const run = parseRun(value, this.#current, this.#parsed, this.#mapping);
    this.#add(this.#digest ? { ...run, digest: this.#digest(text ?? JSON.stringify(value)) } : run);
  }

  broken(item: 'file' | 'run', message: string): void {
    this.#add(refuse(item, 'malformed', message));
  }

  #setTime(documentTime: number | undefined): void {
    this.#documentTime = documentTime;
    this.#current = { ...this.#options, fallbackTime: documentTime ?? this.#options.fallbackTime };
  }

  #add(run: ParsedRun): void {
    if (--this.#left >= 0) this.#runs.push(run);
  }

  #take(): readonly ParsedRun[] {
    const runs = this.#runs;
    if (runs.length === 0 && this.#left < 0)
      throw new ResultsLimitError(`there are more than ${this.#options.maxRuns} runs`);
    this.#runs = [];
    return runs;
  }
}

/** Returns the run that a value of JSON is; `fields` and `mapping` are those to read it with. */
export function parseRun(
  value: unknown,
  options: ResultsOptions,
  fields: Fields = new Fields(),
  mapping: RunMapping = new RunMapping(),
): ParsedRun {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('run', 'not_an_object', `a run must be an object, not ${describe(value)}`);
  }
  fields.fill(value as Record<string, unknown>);
  return mapping.map(fields, options);
}
