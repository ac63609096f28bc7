import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createTestContext } from '../../../../test/kit/context.ts';
import { httpListDiscovery } from './http-list.ts';

const never = new AbortController().signal;

async function asking(answer: () => readonly [status: number, body: string], settings: object = {}) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const [status, body] = answer();
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/targets`;
  const common = { refresh_interval: 60_000, follow_redirects: true };
  const discovery = httpListDiscovery({ url, ...common, ...settings } as never, createTestContext().ctx);
  await discovery.start?.();
  onTestFinished(async () => discovery.close?.());
  return { url, asked, discover: () => discovery.discover(never) };
}

it('lists what a server answers', async () => {
  const list = '[{"targets":["a:1"],"labels":{"region":"eu"}}]';
  const authorization = { type: 'Bearer', credentials: 'a-token' };
  const { url, asked, discover } = await asking(() => [200, list], { authorization });
  expect(await discover()).toEqual([{ __address__: 'a:1', region: 'eu', __meta_url: url }]);
  expect(asked[0]?.headers).toMatchObject({
    accept: 'application/json',
    authorization: 'Bearer a-token',
    'x-prometheus-refresh-interval-seconds': '60',
  });
});

it.each([
  [503, 'busy', 'it answered 503: busy'],
  [200, '{"targets":[]}', 'expected a list of `targets`'],
  [200, '<html>', 'JSON'],
])('fails where it answers %d %s', async (status, body, message) => {
  const { discover } = await asking(() => [status, body]);
  await expect(discover()).rejects.toThrow(message);
});
