import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { type Batch, messageOf, RejectedError, readResults, type Sampling, type SourceContext } from 'wattline/plugin';
import { readChunks } from './read-chunks.ts';

/** How many runs may be on their way at once: enough for exporters to send them together, few enough to stay small. */
const IN_FLIGHT = 256;

/**
 * What became of a file: all of it is `settled`, or something `failed` that may succeed if the file is read again, or it
 * was `unreadable`, or it was `stopped` by the signal.
 */
export type Outcome = 'settled' | 'failed' | 'unreadable' | 'stopped';

export interface HandOverOptions {
  /** How the samples of runs that do not say it themselves are to be read. */
  readonly sampling?: Sampling | undefined;
  /** Is told of bytes once the runs in them are on their way. */
  readonly onRead?: ((bytes: number) => void) | undefined;
}

/** Reads a results file run by run and hands each over; what is refused is counted, and the rest goes on. */
export async function handOverFile(
  path: string,
  ctx: SourceContext,
  signal: AbortSignal,
  { sampling, onRead }: HandOverOptions = {},
): Promise<Outcome> {
  const name = shortName(path);
  const underWay = new UnderWay(signal);
  let runs = 0;
  const failures: unknown[] = [];
  const failed = (error: unknown) => {
    if (!(error instanceof RejectedError)) failures.push(error);
    else ctx.skip({ item: 'run', reason: 'rejected', message: `${name}: ${messageOf(error)}` });
  };
  const handOver = (batch: Batch): Promise<void> | undefined => {
    try {
      return ctx.next.consume(batch, signal)?.catch(failed);
    } catch (error) {
      failed(error);
    }
    return undefined;
  };
  let unreadable: unknown;
  try {
    const fallbackTime = (await stat(path)).mtimeMs / 1000;
    const chunks = readChunks(path, signal);
    const read = onRead ? reported(chunks, onRead) : chunks;
    reading: for await (const parsed of readResults(read, { fallbackTime, sampling })) {
      for (const { batch, refusals } of parsed) {
        for (const refusal of refusals) ctx.skip({ ...refusal, message: `${name}: ${refusal.message}` });
        if (!batch) continue;
        runs++;
        const pending = handOver(batch);
        if (pending) {
          underWay.add(pending);
          if (!underWay.isBelow(IN_FLIGHT)) await underWay.below(IN_FLIGHT);
        }
        if (signal.aborted) break reading;
      }
    }
  } catch (error) {
    unreadable = error;
  }
  await underWay.below(1);
  if (signal.aborted) return 'stopped';
  if (unreadable !== undefined) {
    ctx.skip({ item: 'file', reason: 'unreadable', message: `${name} cannot be read: ${messageOf(unreadable)}` });
    return 'unreadable';
  }
  if (failures.length > 0) {
    const what = `${failures.length} of ${runs} runs of ${name} were not delivered: ${messageOf(failures.at(-1))}`;
    ctx.logger.error({ file: name, runs, failed: failures.length }, what);
    return 'failed';
  }
  ctx.logger.info({ file: name, runs }, `read ${runs} runs from ${name}`);
  return 'settled';
}

/** The same chunks; each is reported when the next one is asked for. */
async function* reported(
  chunks: AsyncIterable<Uint8Array>,
  onRead: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk;
    onRead(chunk.length);
  }
}

/** Counts what is under way, and waits for it, unless the signal says that nobody needs to. */
class UnderWay {
  #count = 0;
  #wake: (() => void) | undefined;
  readonly #signal: AbortSignal;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(work: Promise<void>): void {
    this.#count++;
    work.finally(() => {
      this.#count--;
      this.#wake?.();
    });
  }

  isBelow(limit: number): boolean {
    return this.#count < limit;
  }

  /** Resolves when fewer than `limit` are under way, or when the signal is aborted. */
  async below(limit: number): Promise<void> {
    if (this.isBelow(limit)) return;
    const wake = () => this.#wake?.();
    this.#signal.addEventListener('abort', wake);
    while (this.#count >= limit && !this.#signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#signal.removeEventListener('abort', wake);
  }
}

function shortName(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? path : short;
}
