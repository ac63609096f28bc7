import { expect, it } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { freePort } from '../../../test/kit/free-port.ts';
import status from './index.ts';

const { signal } = new AbortController();

it('answers browsers with a page and its parts, and others with JSON', async () => {
  const port = await freePort();
  const { ctx } = createTestContext();
  const stage = status.create(ctx, status.configSchema.parse({ endpoint: `127.0.0.1:${port}` }));
  await stage.start?.(signal);
  const get = async (path: string, accept: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { accept } });
    return [response.status, response.headers.get('content-type'), await response.text()] as const;
  };
  const [code, type, text] = await get('/status', '*/*');
  expect([code, type]).toEqual([200, 'application/json']);
  expect(JSON.parse(text)).toMatchObject({ state: 'running', up_since: '1970-01-01T00:00:00.000Z', pipelines: [] });
  const [, pageType, page] = await get('/status', 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8');
  expect(pageType).toBe('text/html; charset=utf-8');
  const parts = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path as string);
  expect(parts).toHaveLength(2);
  for (const path of parts) expect((await get(path, '*/*'))[0]).toBe(200);
  await stage.shutdown?.(signal);
  await expect(fetch(`http://127.0.0.1:${port}/status`)).rejects.toThrow();
});
