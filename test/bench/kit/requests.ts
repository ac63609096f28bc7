import { Agent, request } from 'node:http';

/** An answer to a request, and how long it took from the request to its last byte. */
export interface Answer {
  readonly ms: number;
  readonly body: readonly Buffer[];
}

export interface Post {
  readonly body: Buffer;
  readonly contentType: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends requests one after the other over a connection that stays open. */
export class Client {
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(url: string) {
    this.#url = url;
  }

  /** A GET, or a POST where there is something to send. Throws where the answer's status is no 2xx. */
  async send(path: string, post?: Post): Promise<Answer> {
    const began = performance.now();
    const { status, body } = await this.#request(path, post);
    const ms = performance.now() - began;
    if (status < 200 || status > 299) throw new Error(`${path}: HTTP ${status}: ${Buffer.concat(body)}`);
    return { ms, body };
  }

  #request(path: string, post: Post | undefined): Promise<{ status: number; body: Buffer[] }> {
    const headers = post && { ...post.headers, 'content-type': post.contentType, 'content-length': post.body.length };
    const options = { agent: this.#agent, method: post ? 'POST' : 'GET', ...(headers && { headers }) };
    return new Promise((resolve, reject) => {
      const body: Buffer[] = [];
      const sent = request(this.#url + path, options, (answer) => {
        answer.on('data', (chunk: Buffer) => body.push(chunk));
        answer.once('error', reject).once('end', () => resolve({ status: answer.statusCode ?? 0, body }));
      });
      sent.once('error', (error: NodeJS.ErrnoException) => {
        // The server has closed a connection that nothing was sent over for a while.
        if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(this.#request(path, post));
        else reject(error);
      });
      sent.end(post?.body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
