import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { expect, it } from 'vitest';
import { keepBeating } from './heartbeat.ts';

function recorder() {
  const lines: string[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line).msg) });
  return { lines, logger };
}

it('logs a failure once, and its end', async () => {
  const { lines, logger } = recorder();
  let beats = 0;
  const beat = async () => {
    beats++;
    if (beats > 1 && beats < 5) throw new Error('the server is away');
  };
  const stopped = new AbortController();
  const beating = keepBeating(beat, 1, logger, stopped.signal);
  await expect.poll(() => beats).toBeGreaterThan(5);
  stopped.abort();
  await beating;
  expect(lines).toEqual(['the heartbeat does not arrive: the server is away', 'the heartbeat arrives again']);
});

it('ends a beat under way when it is shut down, and beats no more', async () => {
  const { lines, logger } = recorder();
  let beats = 0;
  const beat = async (signal: AbortSignal) => {
    beats++;
    await sleep(60_000, undefined, { signal });
  };
  const stopped = new AbortController();
  const beating = keepBeating(beat, 1, logger, stopped.signal);
  await expect.poll(() => beats).toBe(1);
  stopped.abort();
  await beating;
  await sleep(10);
  expect(beats).toBe(1);
  expect(lines).toEqual([]);
});
