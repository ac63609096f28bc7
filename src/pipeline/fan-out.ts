import { messageOf, RejectedError } from '../errors.ts';
import type { Consumer } from '../plugin/index.ts';

/**
 * One consumer out of several: it hands each batch to all of them and waits for all. Where any may succeed later the
 * failure may be retried; it is a rejection only where nothing but rejections happened.
 */
export function fanOut(consumers: readonly Consumer[]): Consumer {
  const [only] = consumers;
  if (only && consumers.length === 1) return only;
  return {
    consume(batch, signal) {
      const pending: Promise<void>[] = [];
      for (const consumer of consumers) {
        try {
          const consumed = consumer.consume(batch, signal);
          if (consumed) pending.push(consumed);
        } catch (error) {
          pending.push(Promise.reject(error));
        }
      }
      if (pending.length) return allOf(pending);
    },
  };
}

async function allOf(pending: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(pending);
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (errors.length === 0) return;
  const message = errors.map(messageOf).join('; ');
  const cause = new AggregateError(errors, message);
  throw errors.every((error) => error instanceof RejectedError)
    ? new RejectedError(message, { cause })
    : new Error(message, { cause });
}
