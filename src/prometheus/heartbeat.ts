import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { messageOf } from '../plugin/index.ts';

/** Milliseconds between two signs of life. */
export const HEARTBEAT_INTERVAL = 15_000;

/** Calls `beat` every `interval` milliseconds until `signal` is aborted. A failure is logged once until it works again. */
export async function keepBeating(
  beat: (signal: AbortSignal) => Promise<void>,
  interval: number,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  let isFailing = false;
  while (await sleep(interval, true, { signal }).catch(() => false)) {
    try {
      await beat(signal);
      if (isFailing) logger.info('the heartbeat arrives again');
      isFailing = false;
    } catch (error) {
      if (!isFailing && !signal.aborted) logger.warn(`the heartbeat does not arrive: ${messageOf(error)}`);
      isFailing = true;
    }
  }
}
