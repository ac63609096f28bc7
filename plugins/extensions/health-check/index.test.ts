import { expect, it } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { freePort } from '../../../test/kit/free-port.ts';
import healthCheck from './index.ts';

const { signal } = new AbortController();

it('answers probes at its path, also those without a token, until it is shut down', async () => {
  const port = await freePort();
  const { ctx } = createTestContext();
  const auth = { bearer_tokens: ['secret'] };
  const settings = { endpoint: `127.0.0.1:${port}`, path: '/healthz', auth };
  const stage = healthCheck.create(ctx, healthCheck.configSchema.parse(settings));
  await stage.start?.(signal);
  const url = `http://127.0.0.1:${port}/healthz`;
  const answer = await fetch(url);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  expect(await answer.json()).toMatchObject({ status: 'Server available', upSince: '1970-01-01T00:00:00.000Z' });
  expect((await fetch(`${url}?pipeline=none`)).status).toBe(404);
  await stage.shutdown?.(signal);
  await expect(fetch(url)).rejects.toThrow();
});

it('takes no path that is none', () => {
  expect(healthCheck.configSchema.safeParse({ path: 'healthz' }).success).toBe(false);
});
