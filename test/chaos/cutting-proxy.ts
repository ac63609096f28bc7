import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../kit/random-numbers.ts';

/** Stands before a server of any protocol, and cuts its connections. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(port: number) {
    this.#server = createServer((socket) => {
      const behind = connect(port, '127.0.0.1');
      for (const [one, other] of [
        [socket, behind],
        [behind, socket],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => other.destroy()).once('close', () => this.#sockets.delete(one));
        one.pipe(other);
      }
    });
  }

  /** Resolves with its address, as `host:port`. */
  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  /** Cuts all connections again and again, in the middle of whatever they carry, until it is to be calm. */
  async storm(random: Random, calm: AbortSignal): Promise<void> {
    while (!calm.aborted) {
      await sleep(random.integer(20, 400), undefined, { signal: calm }).catch(() => {});
      this.#cut();
    }
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#cut();
    await closed;
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}
