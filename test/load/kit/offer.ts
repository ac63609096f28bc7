import { setTimeout as sleep } from 'node:timers/promises';

/** How often requests that are due are sent, in milliseconds. */
const TICK = 20;

/** Has so many senders send one request after the other for some seconds. */
export async function sendInTurn(senders: number, seconds: number, send: () => Promise<unknown>): Promise<void> {
  const ended = performance.now() + seconds * 1000;
  const one = async () => {
    while (performance.now() < ended) await send();
  };
  await Promise.all(Array.from({ length: senders }, one));
}

/**
 * Sends so many requests a second for some seconds, whether earlier ones have been answered or not, but never more than
 * `most` at once. Returns how many were due beyond these, and so were not sent.
 */
export async function offer(
  rate: number,
  seconds: number,
  most: number,
  send: () => Promise<unknown>,
): Promise<{ readonly notSent: number; readonly mostOpen: number }> {
  const began = performance.now();
  const open = new Set<Promise<unknown>>();
  let due = 0;
  let notSent = 0;
  let mostOpen = 0;
  for (let elapsed = 0; elapsed < seconds; elapsed = (performance.now() - began) / 1000) {
    for (; due < elapsed * rate; due++) {
      if (open.size >= most) {
        notSent++;
        continue;
      }
      const sent = send().finally(() => open.delete(sent));
      open.add(sent);
    }
    mostOpen = Math.max(mostOpen, open.size);
    await sleep(TICK);
  }
  await Promise.all(open);
  return { notSent, mostOpen };
}
