import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import type { Endpoint, HttpListeners, Listening, RequestHandler, Routes } from '../plugin/index.ts';

/** How long answers under way may take when a listener closes, in milliseconds; less than a stage has to stop. */
const ANSWER_DEADLINE = 3000;

interface Listener {
  readonly endpoint: Endpoint;
  readonly server: Server;
  /** Undefined are those whose component has closed: who asks for them shall come again, not give up. */
  readonly routes: Map<string, RequestHandler | undefined>;
  readonly answering: Set<ServerResponse>;
  readonly opened: Promise<string>;
  users: number;
}

/** HTTP servers by endpoint: components that name the same one share it, each with its own paths. */
export function createListeners(logger?: Logger): HttpListeners {
  const listeners = new Map<string, Listener>();

  function open(endpoint: Endpoint): Listener {
    const routes: Listener['routes'] = new Map();
    const answering = new Set<ServerResponse>();
    const server = createServer((request, response) => {
      answering.add(response);
      response.once('close', () => answering.delete(response));
      dispatch(routes, request, response, logger);
    });
    const opened = new Promise<string>((resolve, reject) => {
      server.on('error', (error: NodeJS.ErrnoException) => reject(explain(error, endpoint, listeners.values())));
      server.listen(endpoint.port, endpoint.host, () => resolve(urlOf(endpoint, server.address() as AddressInfo)));
    });
    opened.catch(() => {});
    return { endpoint, server, routes, answering, opened, users: 0 };
  }

  async function listen(endpoint: Endpoint, routes: Routes): Promise<Listening> {
    const key = placeOf(endpoint).toLowerCase();
    const listener = listeners.get(key) ?? open(endpoint);
    listeners.set(key, listener);
    const own = Object.entries(routes);
    const taken = own.find(([route]) => listener.routes.get(route));
    if (taken) throw new Error(`two components serve \`${taken[0]}\` on ${key}; give one of them another endpoint`);
    for (const [route, handler] of own) listener.routes.set(route, handler);
    listener.users++;
    const release = async () => {
      for (const [route] of own) listener.routes.set(route, undefined);
      if (--listener.users > 0) return;
      if (listeners.get(key) === listener) listeners.delete(key);
      await closeServer(listener);
    };
    let released: Promise<void> | undefined;
    const close = () => {
      released ??= release();
      return released;
    };
    try {
      return { url: await listener.opened, close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  return { listen };
}

function dispatch(
  routes: Listener['routes'],
  request: IncomingMessage,
  response: ServerResponse,
  logger: Logger | undefined,
): void {
  const path = (request.url ?? '/').split('?', 1)[0] as string;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const handler = routes.get(`${method} ${path}`);
  if (handler) {
    answer(handler, request, response).catch((error: unknown) => {
      logger?.error({ err: error }, `could not answer ${request.method} ${path}`);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'this request could not be answered; the log says why');
    });
    return;
  }
  const served = [...routes.keys()].filter((route) => routes.get(route));
  const allowed = served.filter((route) => route.endsWith(` ${path}`)).map((route) => route.split(' ')[0]);
  if (routes.has(`${method} ${path}`)) {
    response.setHeader('retry-after', '1');
    refuse(response, 503, 'what served this has been stopped');
  } else if (allowed.length) {
    response.setHeader('allow', allowed.join(', '));
    refuse(response, 405, `${request.method} is not allowed here; use ${allowed.join(' or ')}`);
  } else refuse(response, 404, `nothing at ${path}; served here: ${served.join(', ')}`);
}

/** A handler may be asynchronous, though nobody else waits for it. */
async function answer(handler: RequestHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await handler(request, response);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

/** Stops taking connections, lets answers under way finish, then cuts what is left. */
async function closeServer({ server, answering }: Listener): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  const cut = () => server.closeAllConnections();
  const answered = Promise.all(
    [...answering].map((response) => new Promise((resolve) => response.once('close', resolve))),
  );
  const deadline = setTimeout(cut, ANSWER_DEADLINE);
  server.close();
  await Promise.race([closed, answered]);
  // What is left are connections that ask for nothing.
  cut();
  await closed;
  clearTimeout(deadline);
}

function urlOf({ host }: Endpoint, { port }: AddressInfo): string {
  return `http://${placeOf({ host: host === '0.0.0.0' || host === '::' ? 'localhost' : host, port })}`;
}

function placeOf({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function explain(error: NodeJS.ErrnoException, endpoint: Endpoint, listeners: Iterable<Listener>): Error {
  const place = placeOf(endpoint);
  if (error.code === 'EADDRINUSE') {
    const own = [...listeners].find(({ endpoint: { port }, server }) => port === endpoint.port && server.listening);
    const message = own
      ? `another component listens on ${placeOf(own.endpoint)} already; write this endpoint the same way to share it`
      : `${place} is taken by another program; stop it, or set another \`endpoint\``;
    return new Error(message);
  }
  if (error.code === 'EACCES') return new Error(`${place} may not be opened by this user`);
  return error;
}
