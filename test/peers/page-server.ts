import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';

/** The text of a page at a time, in milliseconds since 1970. */
export type Page = (now: number) => string;

export interface PageServer {
  /** Its `host:port`; the page is at `/metrics`. */
  readonly address: string;
  /** Shows another page from now on. */
  show(page: Page): void;
  /** Resolves when the page that it shows now has been scraped. */
  scraped(): Promise<void>;
}

/** Serves a page in Prometheus's text format until the end of the test. */
export async function servePage(first: Page): Promise<PageServer> {
  let page = first;
  let times = 0;
  const server = createServer((_request, response) => {
    times++;
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(page(Date.now()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    show(next) {
      page = next;
      times = 0;
    },
    scraped: () => expect.poll(() => times).toBeGreaterThan(0),
  };
}
