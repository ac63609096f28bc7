import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sample } from '../exposition.ts';

/** The metric with the number of a page, by its path. */
const PAGE = 'replayed_page';
const OPENMETRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Serves pages that change once they have been counted. */
export interface PageServer {
  /** Where, as `host:port`. */
  readonly address: string;
  /** Moves on where the page that is shown is among the metrics of who scrapes it; returns how many pages are left. */
  moveOn(metrics: readonly Sample[]): number;
  close(): void;
}

/**
 * Serves one page after the other at each path. Each is shown until it has been counted, since on a busy computer an
 * answer may come too late for who asked for it.
 */
export async function servePages(pages: ReadonlyMap<string, readonly string[]>): Promise<PageServer> {
  const shown = new Map([...pages.keys()].map((path) => [path, 0]));
  const server = createServer(({ url = '' }, response) => {
    const index = shown.get(url) ?? 0;
    const page = pages.get(url)?.[index];
    if (page === undefined) response.writeHead(503).end();
    else {
      const number = `# TYPE ${PAGE} gauge\n${PAGE}{path="${url}"} ${index}`;
      response.writeHead(200, { 'content-type': OPENMETRICS }).end(`${page}\n${number}\n# EOF\n`);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    moveOn(metrics) {
      for (const { name, labels, value } of metrics) {
        const path = String(labels.path);
        if (name === PAGE && shown.get(path) === value) shown.set(path, value + 1);
      }
      return [...pages].reduce((left, [path, { length }]) => left + length - (shown.get(path) ?? 0), 0);
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
