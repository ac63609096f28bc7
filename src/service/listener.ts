import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Logger } from 'pino';
import type { Endpoint, ServerTls } from '../plugin/index.ts';
import { dispatch } from './dispatch.ts';
import { readServerTls } from './server-tls.ts';
import type { Tenant } from './tenant.ts';

/** How long answers under way may take when a listener closes, in milliseconds; less than a stage has to stop. */
const ANSWER_DEADLINE = 3000;

/** An HTTP server, and the components that share it. */
export class Listener {
  readonly endpoint: Endpoint;
  readonly tls: ServerTls | undefined;
  /** The one whose port it has taken, which is to have it back where this one fails. */
  readonly predecessor: Listener | undefined;
  /** Of two that serve the same path, the later one is asked. */
  readonly tenants = new Set<Tenant>();
  /** All paths that were ever served. */
  readonly #known = new Set<string>();
  readonly #server: Server;
  readonly #answering = new Set<ServerResponse>();
  readonly #sockets = new Set<Socket>();
  readonly #mustWait: (tenant: Tenant | undefined) => boolean;
  readonly #logger: Logger | undefined;
  readonly #waiting: (() => void)[] = [];
  #opened: Promise<string> | undefined;

  /** `mustWait` says whether a request has to wait for that tenant, or undefined is for one to come. */
  constructor(
    place: Pick<Listener, 'endpoint' | 'tls' | 'predecessor'>,
    mustWait: (tenant: Tenant | undefined) => boolean,
    logger: Logger | undefined,
  ) {
    this.endpoint = place.endpoint;
    this.tls = place.tls;
    this.predecessor = place.predecessor;
    this.#mustWait = mustWait;
    this.#logger = logger;
    this.#server = createServer(this.tls, logger);
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('request', (request, response) => {
      this.#answering.add(response);
      response.once('close', () => this.#answering.delete(response));
      this.#answer(request, response);
    });
    this.#server.on('tlsClientError', (error: Error, { authorizationError: reason }: TLSSocket) => {
      logger?.debug(`a client could not agree on TLS: ${reason ?? error.message.trim()}`);
    });
  }

  get isListening(): boolean {
    return this.#server.listening;
  }

  /** Opens the port, again after `suspend`; resolves with the URL. */
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

  /** Its URL, once the port is open. */
  get opened(): Promise<string> {
    return this.#opened ?? this.open();
  }

  add(tenant: Tenant): void {
    this.tenants.add(tenant);
    for (const route of tenant.routes.keys()) this.#known.add(route);
    this.answerWaiting();
  }

  /** Answers the requests that wait, as far as they need not wait any longer. */
  answerWaiting(): void {
    for (const answer of this.#waiting.splice(0)) answer();
  }

  /** Gives the port to another; connections that are open go on. */
  suspend(): void {
    this.#server.close();
  }

  /** Stops taking connections, lets answers under way finish, then cuts what is left. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // The server itself does not know of connections that have yet to agree on TLS.
    const cut = () => {
      for (const socket of this.#sockets) socket.destroy();
    };
    const answers = [...this.#answering].map((response) => new Promise((resolve) => response.once('close', resolve)));
    const deadline = setTimeout(cut, ANSWER_DEADLINE);
    await Promise.race([closed, Promise.all(answers)]);
    // What is left are connections that ask for nothing.
    cut();
    await closed;
    clearTimeout(deadline);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = (request.url ?? '/').split('?', 1)[0] as string;
    const key = `${request.method === 'HEAD' ? 'GET' : request.method} ${path}`;
    const tenants = [...this.tenants].filter(({ isDismissed }) => !isDismissed);
    const tenant = tenants.findLast(({ routes }) => routes.has(key));
    if ((tenant || this.#known.has(key)) && this.#mustWait(tenant)) {
      this.#waiting.push(() => {
        if (!response.destroyed) this.#answer(request, response);
      });
      return;
    }
    tenant?.answering.add(response);
    response.once('close', () => tenant?.answering.delete(response));
    const route = tenant?.routes.get(key);
    const isKnown = this.#known.has(key);
    dispatch({ request, response, path, route, isKnown, tenants }, this.#logger);
  }

  #url(): string {
    const { host } = this.endpoint;
    const { port } = this.#server.address() as AddressInfo;
    const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
    return `${this.tls ? 'https' : 'http'}://${placeOf({ host: shown, port })}`;
  }
}

/**
 * The modules of Node.js are asked for here, when they are needed; and not by `import`, which would also load what their
 * getters offer: the client of `fetch` and `WebSocket`, several times what the server itself is.
 */
function createServer(tls: ServerTls | undefined, logger: Logger | undefined): Server {
  if (!tls) return process.getBuiltinModule('node:http').createServer();
  return process.getBuiltinModule('node:https').createServer(readServerTls(tls, logger));
}

/** An endpoint as it is written. */
export function placeOf({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
