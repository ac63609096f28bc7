import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoint, HttpListeners, Listening, RequestHandler, Routes } from '../plugin/index.ts';

interface Listener {
  readonly server: Server;
  readonly routes: Map<string, RequestHandler>;
  readonly opened: Promise<string>;
  users: number;
}

/** HTTP servers by endpoint: components that name the same one share it, each with its own paths. */
export function createListeners(): HttpListeners {
  const listeners = new Map<string, Listener>();

  async function listen(endpoint: Endpoint, routes: Routes): Promise<Listening> {
    const key = `${endpoint.host}:${endpoint.port}`;
    const listener = listeners.get(key) ?? open(endpoint);
    listeners.set(key, listener);
    const own = Object.entries(routes);
    const taken = own.find(([route]) => listener.routes.has(route));
    if (taken) throw new Error(`two components serve \`${taken[0]}\` on ${key}; give one of them another endpoint`);
    for (const [route, handler] of own) listener.routes.set(route, handler);
    listener.users++;
    const release = async () => {
      for (const [route] of own) listener.routes.delete(route);
      if (--listener.users > 0) return;
      if (listeners.get(key) === listener) listeners.delete(key);
      await closeServer(listener.server);
    };
    try {
      return { url: await listener.opened, close: release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  return { listen };
}

function open(endpoint: Endpoint): Listener {
  const routes = new Map<string, RequestHandler>();
  const server = createServer((request, response) => dispatch(routes, request, response));
  const opened = new Promise<string>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, endpoint)));
    server.listen(endpoint.port, endpoint.host, () => resolve(urlOf(endpoint, server.address() as AddressInfo)));
  });
  opened.catch(() => {});
  return { server, routes, opened, users: 0 };
}

function dispatch(
  routes: ReadonlyMap<string, RequestHandler>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const path = (request.url ?? '/').split('?', 1)[0] as string;
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const handler = routes.get(`${method} ${path}`);
  if (handler) {
    handler(request, response);
    return;
  }
  const allowed = [...routes.keys()].filter((route) => route.endsWith(` ${path}`)).map((route) => route.split(' ')[0]);
  if (allowed.length) {
    response.writeHead(405, { allow: allowed.join(', '), 'content-type': 'text/plain' });
    response.end(`${request.method} is not allowed here; use ${allowed.join(' or ')}\n`);
    return;
  }
  response.writeHead(404, { 'content-type': 'text/plain' });
  response.end(`nothing at ${path}; served here: ${[...routes.keys()].join(', ')}\n`);
}

/** Stops taking connections, lets answers under way finish for a second, then cuts what is left. */
async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    const deadline = setTimeout(() => server.closeAllConnections(), 1000);
    server.close(() => {
      clearTimeout(deadline);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function urlOf({ host }: Endpoint, { port }: AddressInfo): string {
  if (host === '0.0.0.0' || host === '::') return `http://localhost:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function explain(error: NodeJS.ErrnoException, { host, port }: Endpoint): Error {
  const place = `${host}:${port}`;
  if (error.code === 'EADDRINUSE') {
    return new Error(`${place} is taken by another program; stop it, or set another \`endpoint\``, { cause: error });
  }
  if (error.code === 'EACCES') return new Error(`${place} may not be opened by this user`, { cause: error });
  return error;
}
