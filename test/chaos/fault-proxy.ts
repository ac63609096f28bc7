import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../kit/random-numbers.ts';

/** What goes wrong with a request: a number is the status of an answer that the server behind knows nothing of. */
type Fault = number | 'none' | keyof typeof breaks | 'refused';

const STATUSES = [401, 403, 404, 413, 429, 500, 502, 503, 504];
const SLOWNESS = 300;
const CHUNK = Buffer.alloc(16_384, 'endless ');

/** The ways in which a request ends otherwise than its server would have it. */
const breaks = {
  'reset in the request': ({ request }: Exchange) => {
    if (request.method === 'GET') request.socket.resetAndDestroy();
    else request.once('data', () => request.socket.resetAndDestroy());
  },
  'reset in the answer': async ({ request, response, forward }: Exchange) => {
    const { status, body } = await forward();
    response.writeHead(status === 204 ? 200 : status, { 'content-length': body.length + 100 });
    response.write(Buffer.concat([body, CHUNK.subarray(0, 10)]), () => request.socket.resetAndDestroy());
  },
  'lost answer': async ({ request, forward }: Exchange) => {
    await forward();
    request.socket.resetAndDestroy();
  },
  slow: async ({ response, forward }: Exchange) => {
    await sleep(SLOWNESS);
    const { status, headers, body } = await forward();
    response.writeHead(status, headers).flushHeaders();
    await sleep(SLOWNESS);
    response.end(body);
  },
  endless: async ({ response, forward }: Exchange) => {
    const { status } = await forward();
    answerForEver(response, status === 204 ? 200 : status);
  },
  'endless error': ({ request, response }: Exchange) => {
    request.resume();
    answerForEver(response, 503);
  },
  silent: ({ request }: Exchange) => void request.resume(),
};

const FAULTS: readonly Fault[] = [...STATUSES, ...(Object.keys(breaks) as (keyof typeof breaks)[]), 'refused'];

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Lets the server behind answer. */
  forward(): Promise<ForwardedAnswer>;
}

interface ForwardedAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Stands on loopback before a server, and lets requests go wrong in all ways that HTTP has. */
export class FaultProxy {
  /** How many requests have met each fault. */
  readonly met = new Map<Fault, number>();
  readonly #target: string;
  #fault: Fault = 'none';
  #server: Server | undefined;
  #port = 0;

  /** Stands before the server of a URL without a slash at its end. */
  constructor(target: string) {
    this.#target = target;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, on the port that it had before if it had one. */
  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#respond(request, response));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    return this;
  }

  /** Refuses connections from now on. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  /** Changes from one fault to another until `signal`, with times between in which nothing is wrong; then all is well. */
  async storm(random: Random, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.turnTo(random.chance(0.4) ? 'none' : random.pick(FAULTS));
      await sleep(random.between(50, 800), undefined, { signal }).catch(() => {});
    }
    await this.turnTo('none');
  }

  /** Lets all requests from now on meet a fault, or none. */
  async turnTo(fault: Fault): Promise<void> {
    this.#fault = fault;
    if (fault === 'refused') {
      this.met.set(fault, (this.met.get(fault) ?? 0) + 1);
      await this.stop();
    } else if (!this.#server) await this.start();
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.#fault;
    this.met.set(fault, (this.met.get(fault) ?? 0) + 1);
    const forward = () => this.#forward(request);
    try {
      if (typeof fault === 'number') {
        request.resume();
        response.writeHead(fault).end(`${fault} on the way`);
      } else if (fault in breaks) await breaks[fault as keyof typeof breaks]({ request, response, forward });
      else {
        const { status, headers, body } = await forward();
        response.writeHead(status, headers).end(body);
      }
    } catch {
      // Whoever asked has gone.
      response.destroy();
    }
  }

  async #forward(request: IncomingMessage): Promise<ForwardedAnswer> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { 'content-type': type, 'content-encoding': encoding } = request.headers;
    const headers = { ...(type && { 'content-type': type }), ...(encoding && { 'content-encoding': encoding }) };
    const body = request.method === 'GET' ? null : Buffer.concat(chunks);
    const init = { method: request.method as string, headers, body };
    const answer = await fetch(`${this.#target}${request.url}`, init);
    return {
      status: answer.status,
      headers: { 'content-type': answer.headers.get('content-type') ?? 'text/plain' },
      body: Buffer.from(await answer.arrayBuffer()),
    };
  }
}

function answerForEver(response: ServerResponse, status: number): void {
  response.writeHead(status);
  const write = () => {
    while (!response.destroyed && response.write(CHUNK));
  };
  response.on('drain', write);
  write();
}
