import { expect, it } from 'vitest';
import { allTaken, Run } from 'wattline/plugin';
import { createTestContext } from 'wattline/testing';
import plugin from './index.ts';

it('hands on the very list that came, and says once that it is not needed', async () => {
  const handedOn: unknown[] = [];
  const { ctx, logs } = createTestContext({
    next: async (runs) => {
      handedOn.push(runs);
      return allTaken;
    },
  });
  const config = plugin.configSchema.parse({ timeout: '10s', send_batch_size: 1024 });
  const processor = plugin.create(ctx, config);
  const signal = new AbortController().signal;
  await processor.start?.(signal);
  const runs = [Run.of({ scenario: 'a' })];
  expect(await processor.consume(runs, signal)).toBe(allTaken);
  expect(handedOn[0]).toBe(runs);
  expect(logs).toEqual(plugin.notes?.(config).map((note) => `warn: ${note}`));
});
