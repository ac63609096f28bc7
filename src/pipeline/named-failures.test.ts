import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { RejectedError } from '../errors.ts';
import { makeRun } from '../model/run.ts';
import type { Consumer } from '../plugin/index.ts';
import { NamedFailures } from './named-failures.ts';
import { StageHealth } from './stage-health.ts';

const run = makeRun({ scenario: 'a' }, 'test', []);
const { signal } = new AbortController();
const throws = (error: unknown): Consumer => ({
  async consume() {
    throw error;
  },
});

/** What a processor in front of `next` lets its caller see, and what is logged. */
async function failuresOf(processor: (next: Consumer) => Consumer, next: Consumer, times = 1) {
  const lines: { msg: string; err: { stack: string } }[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line)) });
  const health = new StageHealth();
  const failures = new NamedFailures('mine', logger, health);
  const named = failures.around(processor(failures.behind(next)));
  const consume = async () => named.consume(run, signal);
  let seen: unknown;
  for (let i = 0; i < times; i++) seen = await consume().catch((error: unknown) => error);
  return { seen, lines, noted: health.lastError?.message };
}

describe('a failure', () => {
  it('of the processor itself names it, and is logged once with its stack', async () => {
    const fault = new TypeError('x is not a function');
    const { seen, lines, noted } = await failuresOf(() => throws(fault), { consume: async () => {} }, 3);
    expect(noted).toBe('x is not a function');
    expect(seen).toMatchObject({ message: 'processor mine failed: x is not a function', cause: fault });
    expect(lines.map(({ msg }) => msg)).toEqual(['failed on a run: x is not a function']);
    expect(lines[0]?.err.stack).toContain('named-failures.test.ts');
  });

  it('from behind it is handed on as it is, as is a rejection of its own', async () => {
    const away = new Error('the server is away');
    const behind = await failuresOf(
      (next) => ({ consume: (batch, within) => next.consume(batch, within) }),
      throws(away),
    );
    expect(behind).toEqual({ seen: away, lines: [], noted: undefined });
    const rejection = new RejectedError('not in this region');
    const own = await failuresOf(() => throws(rejection), { consume: async () => {} });
    expect(own).toEqual({ seen: rejection, lines: [], noted: 'not in this region' });
  });
});
