import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { relative } from 'node:path';
import { messageOf, RejectedError, readResults, type SourceContext } from 'wattline/plugin';

const CHUNK_BYTES = 1024 * 1024;
/** How many runs may be on their way at once: enough for exporters to send them together, few enough to stay small. */
const IN_FLIGHT = 256;

/**
 * Reads a results file run by run and hands each over; what is refused is counted, and the rest goes on. Resolves to
 * whether all of it is settled: false means that something failed that may succeed if the file is read again.
 */
export async function handOverFile(path: string, ctx: SourceContext, signal: AbortSignal): Promise<boolean> {
  const name = shortName(path);
  const onTheirWay = new Set<Promise<void>>();
  let runs = 0;
  let failures = 0;
  let lastError: unknown;
  const handOver = (batch: Parameters<typeof ctx.next.consume>[0]) => {
    const delivery = ctx.next
      .consume(batch, signal)
      .catch((error: unknown) => {
        if (error instanceof RejectedError) {
          ctx.skip({ item: 'run', reason: 'rejected', message: `${name}: ${messageOf(error)}` });
          return;
        }
        failures++;
        lastError = error;
      })
      .finally(() => onTheirWay.delete(delivery));
    onTheirWay.add(delivery);
  };
  try {
    const fallbackTime = (await stat(path)).mtimeMs / 1000;
    const chunks = createReadStream(path, { highWaterMark: CHUNK_BYTES, signal });
    for await (const { batch, refusals } of readResults(chunks, { fallbackTime })) {
      for (const refusal of refusals) ctx.skip({ ...refusal, message: `${name}: ${refusal.message}` });
      if (!batch) continue;
      runs++;
      handOver(batch);
      if (onTheirWay.size >= IN_FLIGHT) await Promise.race(onTheirWay);
    }
  } catch (error) {
    await Promise.all(onTheirWay);
    if (signal.aborted) return false;
    ctx.skip({ item: 'file', reason: 'unreadable', message: `${name} cannot be read: ${messageOf(error)}` });
    return true;
  }
  await Promise.all(onTheirWay);
  if (failures > 0) {
    ctx.logger.error(
      { file: name, runs, failed: failures },
      `${failures} of ${runs} runs of ${name} were not delivered: ${messageOf(lastError)}`,
    );
    return false;
  }
  ctx.logger.info({ file: name, runs }, `read ${runs} runs from ${name}`);
  return true;
}

function shortName(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? path : short;
}
