import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
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
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

interface Asset {
  readonly type: string;
  readonly tag: string;
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

/** Returns the routes of the page: `/` and a path for each of its files, which are read on the first request. */
export async function assetRoutes(): Promise<Routes> {
  const names = (await readdir(PAGE)).filter((name) => types[extname(name)]);
  const charts = createRequire(import.meta.url).resolve(CHARTS);
  const files = new Map<string, string | URL>(names.map((name) => [name, new URL(name, PAGE)]));
  files.set('echarts.js', charts);
  return Object.fromEntries(
    Array.from(files, ([name, file]) => {
      const path = name === 'index.html' ? '/' : `/dashboard/${name}`;
      return [`GET ${path}`, serve(file, types[extname(name)] as string)];
    }),
  );
}

function serve(file: string | URL, type: string): RequestHandler {
  let loading: Promise<Asset> | undefined;
  return async (request, response) => {
    loading ??= load(file, type);
    send(request, response, await loading);
  };
}

async function load(file: string | URL, type: string): Promise<Asset> {
  const plain = await readFile(file);
  return { type, plain, zipped: await promisify(gzip)(plain), tag: `"${hash('sha256', plain).slice(0, 16)}"` };
}

function send(request: IncomingMessage, response: ServerResponse, { type, tag, plain, zipped }: Asset): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader('etag', tag).setHeader('cache-control', 'no-cache').setHeader('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === tag) {
    response.writeHead(304).end();
    return;
  }
  const zips = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  if (zips) response.setHeader('content-encoding', 'gzip');
  response.setHeader('content-type', type).end(zips ? zipped : plain);
}
