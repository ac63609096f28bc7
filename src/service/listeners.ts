import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type {
  Endpoint,
  HttpListeners,
  Listening,
  ListenOptions,
  RequestHandler,
  Routes,
  ServerTls,
} from '../plugin/index.ts';
import { readServerTls } from './server-tls.ts';
import { readTokens, type TokenCheck } from './tokens.ts';

/** How long answers under way may take when a listener closes, in milliseconds; less than a stage has to stop. */
const ANSWER_DEADLINE = 3000;

interface Listener {
  readonly endpoint: Endpoint;
  readonly server: Server;
  /** Undefined are those whose component has closed: who asks for them shall come again, not give up. */
  readonly routes: Map<string, RequestHandler | undefined>;
  /** The routes that need no token. */
  readonly open: Set<string>;
  readonly protection: Pick<ListenOptions, 'tls' | 'auth'>;
  readonly checkToken: TokenCheck | undefined;
  readonly answering: Set<ServerResponse>;
  readonly sockets: Set<Socket>;
  readonly opened: Promise<string>;
  users: number;
}

/** HTTP servers by endpoint: components that name the same one share it, each with its own paths. */
export function createListeners(logger?: Logger): HttpListeners {
  const listeners = new Map<string, Listener>();

  /** Throws where a file of certificates or tokens cannot be used. */
  function open(endpoint: Endpoint, protection: Listener['protection']): Listener {
    const { tls, auth } = protection;
    const server = tls ? createSecureServer(readServerTls(tls, logger)) : createServer();
    const checkToken = auth && readTokens(auth);
    const opened = new Promise<string>((resolve, reject) => {
      server.on('error', (error: NodeJS.ErrnoException) => reject(explain(error, endpoint, listeners.values())));
      server.listen(endpoint.port, endpoint.host, () => resolve(urlOf(endpoint, server.address() as AddressInfo, tls)));
    });
    opened.catch(() => {});
    const empty = { routes: new Map(), open: new Set<string>(), answering: new Set<ServerResponse>(), users: 0 };
    const listener: Listener = { endpoint, server, protection, checkToken, opened, sockets: new Set(), ...empty };
    server.on('connection', (socket) => {
      listener.sockets.add(socket);
      socket.once('close', () => listener.sockets.delete(socket));
    });
    server.on('request', (request, response) => {
      listener.answering.add(response);
      response.once('close', () => listener.answering.delete(response));
      dispatch(listener, request, response, logger);
    });
    server.on('tlsClientError', (error: Error, { authorizationError: reason }: TLSSocket) => {
      logger?.debug(`a client could not agree on TLS: ${reason ?? error.message.trim()}`);
    });
    return listener;
  }

  async function listen(endpoint: Endpoint, routes: Routes, options: ListenOptions = {}): Promise<Listening> {
    const key = placeOf(endpoint).toLowerCase();
    const protection = { tls: options.tls, auth: options.auth };
    const listener = listeners.get(key) ?? open(endpoint, protection);
    listeners.set(key, listener);
    const differing = (['tls', 'auth'] as const).find((part) => !isSame(listener.protection[part], protection[part]));
    if (differing) {
      throw new Error(
        `another component on ${key} has a different \`${differing}\`; give both the same, or two endpoints`,
      );
    }
    const own = Object.entries(routes);
    const taken = own.find(([route]) => listener.routes.get(route));
    if (taken) throw new Error(`two components serve \`${taken[0]}\` on ${key}; give one of them another endpoint`);
    for (const [route, handler] of own) listener.routes.set(route, handler);
    for (const route of options.open ?? []) listener.open.add(route);
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

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function dispatch(
  { routes, open, checkToken }: Listener,
  request: IncomingMessage,
  response: ServerResponse,
  logger: Logger | undefined,
): void {
  const path = (request.url ?? '/').split('?', 1)[0] as string;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const handler = routes.get(`${method} ${path}`);
  const problem = open.has(`${method} ${path}`) ? undefined : checkToken?.(request.headers.authorization);
  if (problem) {
    response.setHeader('www-authenticate', problem.challenges);
    refuse(response, 401, problem.message);
    return;
  }
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
async function closeServer({ server, answering, sockets }: Listener): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  // The server itself does not know of connections that have yet to agree on TLS.
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
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

function urlOf({ host }: Endpoint, { port }: AddressInfo, tls: ServerTls | undefined): string {
  return `${tls ? 'https' : 'http'}://${placeOf({ host: host === '0.0.0.0' || host === '::' ? 'localhost' : host, port })}`;
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
