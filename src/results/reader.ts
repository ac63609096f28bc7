import { Fields } from './fields.ts';
import type { ResultSink } from './parts.ts';
import { type ParsedRun, type ResultsOptions, RunMapping, refuse } from './run-of-fields.ts';
import { describe, timeOf } from './samples.ts';
import { ResultScanner } from './scanner.ts';
import { ResultSplitter } from './splitter.ts';

/**
 * Reads runs out of results text that arrives in chunks: `{"test_date": …, "scenarios": [run, …]}`, or one run a line.
 * What cannot be read is a refusal in its place, and the rest goes on. Yields what each chunk completes.
 */
export async function* readResults(
  chunks: AsyncIterable<Uint8Array>,
  options: ResultsOptions,
): AsyncGenerator<readonly ParsedRun[]> {
  const reader = new ResultReader(options);
  for await (const chunk of chunks) {
    const runs = reader.push(chunk);
    if (runs.length) yield runs;
  }
  const rest = reader.end();
  if (rest.length) yield rest;
}

/**
 * Makes runs of results text as its bytes come: the splitter cuts it, plain runs are scanned straight out of the bytes, and
 * `JSON.parse` reads the others. Both become fields, of which one mapping makes a run.
 */
export class ResultReader implements ResultSink {
  /** How many runs were scanned, and how many `JSON.parse` took. */
  readonly count = { scanned: 0, parsed: 0 };
  readonly #options: ResultsOptions;
  readonly #splitter = new ResultSplitter(this);
  readonly #scanner = new ResultScanner();
  readonly #parsed = new Fields();
  readonly #mapping = new RunMapping();
  /** The options, with the time of the document that is being read. */
  #current: ResultsOptions;
  #runs: ParsedRun[] = [];

  constructor(options: ResultsOptions) {
    this.#options = options;
    this.#current = options;
  }

  /** Takes the next bytes and returns what they complete. */
  push(chunk: Uint8Array): readonly ParsedRun[] {
    this.#splitter.push(chunk);
    return this.#take();
  }

  /** Returns what is missing where the text ended too early. */
  end(): readonly ParsedRun[] {
    this.#splitter.end();
    return this.#take();
  }

  scan(bytes: Buffer, from: number): number {
    const end = this.#scanner.scan(bytes, from);
    if (end < 0) return end;
    this.count.scanned++;
    this.#runs.push(this.#mapping.map(this.#scanner.fields, this.#current));
    return end;
  }

  document(fields: Readonly<Record<string, unknown>>): void {
    this.#current = { ...this.#options, fallbackTime: timeOf(fields.test_date) ?? this.#options.fallbackTime };
  }

  run(value: unknown): void {
    this.count.parsed++;
    this.#runs.push(parseRun(value, this.#current, this.#parsed, this.#mapping));
  }

  broken(item: 'file' | 'run', message: string): void {
    this.#runs.push(refuse(item, 'malformed', message));
  }

  #take(): readonly ParsedRun[] {
    const runs = this.#runs;
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
