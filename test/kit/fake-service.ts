import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a service was asked. */
export interface ServiceRequest {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
}

/** What it answers: JSON with status 200, or all of it. */
export type ServiceAnswer =
  | { readonly json: unknown }
  | {
      readonly status: number;
      readonly text?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly after?: Promise<unknown>;
    };

/** A service on loopback that answers as a test says, and can be cut off. */
export class FakeService {
  readonly asked: ServiceRequest[] = [];
  answer: (asked: ServiceRequest) => ServiceAnswer;
  #server: Server | undefined;
  #port = 0;

  constructor(answer: (asked: ServiceRequest) => ServiceAnswer) {
    this.answer = answer;
  }

  /** Where it is, or was before it was cut off. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** How often it was asked for a path. */
  count(path: string): number {
    return this.asked.filter((asked) => asked.path === path).length;
  }

  /** Listens, on the port that it had before if it had one. */
  async start(): Promise<this> {
    const server = createServer((request, response) => void this.#respond(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
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

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    const asked = { path: pathname, query: Object.fromEntries(searchParams), headers: request.headers };
    this.asked.push(asked);
    const answered = this.answer(asked);
    if ('json' in answered) {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(answered.json));
      return;
    }
    await answered.after;
    response.writeHead(answered.status, answered.headers).end(answered.text);
  }
}
