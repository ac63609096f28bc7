import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { RequestHandler, Routes } from 'wattline/plugin';

const PAGE = new URL('./page/', import.meta.url);
const CHARTS = 'echarts/dist/echarts.esm.min.js';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Allows only the page's own files, and no framing. */
const headers = new Headers({
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
  vary: 'accept-encoding',
});

/** Returns the routes of the page: `/` and a path for each of its files, which are read on the first request. */
export async function assetRoutes(): Promise<Routes> {
  const names = await readdir(PAGE);
  const files = names.map((name): [string, string | URL] => [name, new URL(name, PAGE)]);
  files.push(['echarts.js', createRequire(import.meta.url).resolve(CHARTS)]);
  return Object.fromEntries(
    files.map(([name, file]) => {
      const path = name === 'index.html' ? '/' : `/dashboard/${name}`;
      return [`GET ${path}`, serve(file, types[extname(name)] as string)];
    }),
  );
}

function serve(file: string | URL, type: string): RequestHandler {
  let loading: ReturnType<typeof load> | undefined;
  return async (request, response) => {
    loading ??= load(file);
    const { plain, zipped, tag } = await loading;
    response.setHeaders(headers).setHeader('etag', tag);
    if (request.headers['if-none-match'] === tag) {
      response.writeHead(304).end();
      return;
    }
    const zips = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    if (zips) response.setHeader('content-encoding', 'gzip');
    response.setHeader('content-type', type).end(zips ? zipped : plain);
  };
}

async function load(file: string | URL) {
  const plain = await readFile(file);
  return { plain, zipped: await promisify(gzip)(plain), tag: `"${hash('sha256', plain).slice(0, 16)}"` };
}
