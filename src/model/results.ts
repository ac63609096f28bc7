import type { ResultSink } from './result-parts.ts';
import { type ParsedRun, parseRun, type ResultsOptions, refuse } from './result-run.ts';
import { timeOf } from './result-samples.ts';
import { scannedRun } from './result-scanned.ts';
import { ResultScanner } from './result-scanner.ts';
import { ResultSplitter } from './result-splitter.ts';

export { type ParsedRun, parseRun, type Refusal, type ResultsOptions } from './result-run.ts';

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
 * Makes runs of results text as its bytes come. Plain runs are scanned straight out of the bytes; `JSON.parse` takes the
 * others one by one, so that both come to the same.
 */
export class ResultReader implements ResultSink {
  /** How many runs were scanned, and how many `JSON.parse` took. */
  readonly count = { scanned: 0, parsed: 0 };
  readonly #options: ResultsOptions;
  readonly #scanner = new ResultScanner();
  readonly #splitter = new ResultSplitter(this);
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
    const behind = this.#scanner.scan(bytes, from);
    if (behind < 0) return behind;
    const run = scannedRun(this.#scanner.fields, this.#current);
    if (!run) return ~from;
    this.count.scanned++;
    this.#runs.push(run);
    return behind;
  }

  document(fields: Readonly<Record<string, unknown>>): void {
    this.#current = { ...this.#options, fallbackTime: timeOf(fields.test_date) ?? this.#options.fallbackTime };
  }

  run(value: unknown): void {
    this.count.parsed++;
    this.#runs.push(parseRun(value, this.#current));
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
