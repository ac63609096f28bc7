import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as Secure } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import { isLoopback } from '../model/addresses.ts';
import type { Endpoint, ServerTls } from '../plugin/listening.ts';
import { brokenRequests } from './broken-request.ts';
import { dispatch } from './dispatch.ts';
import type { Registration } from './registration.ts';
import { dropRest } from './rest-of-request.ts';
import { createSecureServer, type SecureServer } from './secure-server.ts';
import { problemOfSite, type Site } from './site.ts';

/** Milliseconds that pending answers may take when a listener closes; less than the deadline of a stage's shutdown. */
const ANSWER_DEADLINE = 3000;

/** What all listeners of a process know of its components. */
export interface Surroundings {
  /** Whether requests wait for that registration, or with undefined for a future one. */
  mustWait(registration: Registration | undefined): boolean;
  /** Whether components are still to come. */
  isStarting(): boolean;
}

/** An HTTP server, and the components that share it. */
export class Listener {
  readonly endpoint: Endpoint;
  readonly tls: ServerTls | undefined;
  /** The listener that had the port before, and that gets it back where this one fails. */
  readonly predecessor: Listener | undefined;
  /** Of two with the same path, the later one answers. */
  readonly registrations = new Set<Registration>();
  /** All routes that were ever served. */
  readonly #known = new Set<string>();
  readonly #server: Server;
  readonly #answering = new Set<ServerResponse>();
  readonly #sockets = new Set<Socket>();
  readonly #surroundings: Surroundings;
  readonly #logger: Logger | undefined;
  readonly #isCertified: (name: string) => boolean;
  readonly #waiting: (() => void)[] = [];
  #opened: Promise<string> | undefined;

  constructor(
    place: Pick<Listener, 'endpoint' | 'tls' | 'predecessor'>,
    surroundings: Surroundings,
    logger: Logger | undefined,
  ) {
    this.endpoint = place.endpoint;
    this.tls = place.tls;
    this.predecessor = place.predecessor;
    this.#surroundings = surroundings;
    this.#logger = logger;
    const made = createServer(this.tls, logger);
    this.#server = made.server;
    this.#isCertified = 'isFor' in made ? made.isFor : () => false;
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('request', (request, response) => {
      this.#answering.add(response);
      response.once('close', () => this.#answering.delete(response));
      response.once('finish', () => dropRest(request));
      this.#answer(request, response);
    });
    this.#server.on('clientError', brokenRequests(logger));
    this.#server.on('tlsClientError', (error: Error, { authorizationError: reason }: TLSSocket) => {
      logger?.debug(`a TLS handshake failed: ${reason ?? error.message.trim()}`);
    });
  }

  get isListening(): boolean {
    return this.#server.listening;
  }

  /** Opens the port, also again after `suspend`. Resolves with the URL; rejects where the port is not available. */
  open(): Promise<string> {
    const { host, port } = this.endpoint;
    const opened = new Promise<string>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve(this.#url());
      });
    });
    opened.catch(() => {});
    this.#opened = opened;
    return opened;
  }

  /** Resolves with the URL when the port is open. */
  get opened(): Promise<string> {
    return this.#opened ?? this.open();
  }

  /** Whether a component answers requests of this route. */
  serves(route: string): boolean {
    return [...this.registrations].some(({ routes, isDraining }) => !isDraining && routes.has(route));
  }

  add(registration: Registration): void {
    this.registrations.add(registration);
    for (const route of registration.routes.keys()) this.#known.add(route);
    this.answerWaiting();
  }

  /** Answers the waiting requests that no longer have to wait. */
  answerWaiting(): void {
    for (const answer of this.#waiting.splice(0)) answer();
  }

  /** Releases the port to another listener; open connections continue. */
  suspend(): void {
    this.#server.close();
  }

  /** Accepts no more connections, waits for pending answers until a deadline, then closes all connections. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // The server does not know connections in the middle of a TLS handshake.
    const cut = () => {
      for (const socket of this.#sockets) socket.destroy();
    };
    const answers = [...this.#answering].map((response) => new Promise((resolve) => response.once('close', resolve)));
    const deadline = setTimeout(cut, ANSWER_DEADLINE);
    await Promise.race([closed, Promise.all(answers)]);
    // All remaining connections are idle.
    cut();
    await closed;
    clearTimeout(deadline);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const problem = problemOfSite(request, this.#site());
    if (problem) {
      const headers = { 'content-type': 'text/plain; charset=utf-8', connection: 'close' };
      response.writeHead(403, headers).end(`${problem}\n`);
      return;
    }
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    const key = `${request.method === 'HEAD' ? 'GET' : request.method} ${path}`;
    const registrations = [...this.registrations].filter(({ isDraining }) => !isDraining);
    const registration = registrations.findLast(({ routes }) => routes.has(key));
    if ((registration || this.#known.has(key)) && this.#surroundings.mustWait(registration)) {
      this.#waiting.push(() => {
        if (!response.destroyed) this.#answer(request, response);
      });
      return;
    }
    registration?.answering.add(response);
    response.once('close', () => registration?.answering.delete(response));
    const route = registration?.routes.get(key);
    const wasServed = this.#known.has(key);
    const isStarting = this.#surroundings.isStarting();
    void dispatch({ request, response, path, route, wasServed, isStarting, registrations }, this.#logger);
  }

  #site(): Site {
    const { host } = this.endpoint;
    return {
      isLoopback: isLoopback(host) && host !== '0.0.0.0' && host !== '::',
      allowedHosts: [...this.registrations].flatMap(({ allowedHosts }) => allowedHosts),
      hasName: (name) => name === host.toLowerCase() || isNameOfMachine(name) || this.#isCertified(name),
    };
  }

  #url(): string {
    const { host } = this.endpoint;
    const { port } = this.#server.address() as AddressInfo;
    const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
    return `${this.tls ? 'https' : 'http'}://${placeOf({ host: shown, port })}`;
  }
}

/**
 * Loads Node's modules on demand, and not by `import`, which would also load what their getters offer: the client of `fetch`
 * and `WebSocket`, several times the size of the server.
 */
function createServer(
  tls: ServerTls | undefined,
  logger: Logger | undefined,
): { server: Server } | SecureServer<Secure> {
  if (!tls) return { server: process.getBuiltinModule('node:http').createServer() };
  return createSecureServer(tls, logger, (options) => process.getBuiltinModule('node:https').createServer(options));
}

function isNameOfMachine(name: string): boolean {
  const own = process.getBuiltinModule('node:os').hostname().toLowerCase();
  return name === own || name === own.split('.', 1)[0];
}

/** Formats an endpoint as `host:port`, with an IPv6 address in brackets. */
export function placeOf({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
