import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { HttpClient } from 'wattline/http';
import { createTestContext } from '../../../test/kit/context.ts';
import { Client } from './client.ts';
import { ServerWatch } from './server-watch.ts';

const { signal } = new AbortController();

/** Watches a server that answers with these pages, each as often as it says, the last one for ever. */
async function watchOf(pages: readonly { readonly dropped: number; readonly times: number }[]) {
  const texts = pages.flatMap(({ dropped, times }, page) =>
    Array.from({ length: times }, () => `vm_app_uptime_seconds ${page}\n${ignored} ${dropped}\n`),
  );
  const server = createServer((_, response) => {
    response.end(texts.length > 1 ? texts.shift() : texts[0]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { ctx } = createTestContext();
  const http = new HttpClient(ctx, endpoint, undefined);
  const client = new Client({ endpoint, headers: {}, compression: 'none', http, timeout: 5000 });
  return new ServerWatch(client, ctx.logger);
}

const ignored = 'vm_rows_ignored_total{reason="big_timestamp"}';

it('finds what was dropped on the next page', async () => {
  const watch = await watchOf([
    { dropped: 3, times: 3 },
    { dropped: 5, times: 1 },
  ]);
  const before = await watch.recent(signal);
  expect(await watch.droppedSince(before, signal)).toEqual(new Map([['big_timestamp', 2]]));
});

it('finds what was dropped on the page after one with old counts', async () => {
  const watch = await watchOf([
    { dropped: 3, times: 3 },
    { dropped: 3, times: 2 },
    { dropped: 5, times: 1 },
  ]);
  const before = await watch.recent(signal);
  expect(await watch.droppedSince(before, signal)).toEqual(new Map([['big_timestamp', 2]]));
});

it('finds nothing where two new pages count the same', async () => {
  const watch = await watchOf([
    { dropped: 3, times: 2 },
    { dropped: 3, times: 1 },
    { dropped: 3, times: 1 },
  ]);
  const before = await watch.recent(signal);
  expect(await watch.droppedSince(before, signal)).toEqual(new Map());
});
