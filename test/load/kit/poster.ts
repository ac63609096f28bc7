import { Agent, request } from 'node:http';

/** What a server has answered, and how long that took from the request to the last byte. */
export interface Answer {
  /** 0 where there was none. */
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
  readonly ms: number;
}

/** A request to a server over connections that stay open. */
export type Ask = (path: string, body?: Buffer | string, contentType?: string) => Promise<Answer>;

/** Returns what asks a server over at most so many connections: a GET, or a POST where there is a body. It never rejects. */
export function asker(url: string, maxSockets: number): { readonly ask: Ask; readonly close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets });
  const ask: Ask = (path, body, contentType = 'application/json') => {
    const began = performance.now();
    const headers = body !== undefined && {
      'content-type': contentType,
      'content-length': Buffer.byteLength(body),
    };
    return new Promise((resolve) => {
      const end = (status: number, text: string, retryAfter?: string) =>
        resolve({ status, text, retryAfter, ms: performance.now() - began });
      const options = {
        agent,
        method: headers ? 'POST' : 'GET',
        ...(headers && { headers }),
      };
      const sent = request(url + path, options, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.once('end', () => end(answer.statusCode ?? 0, text, answer.headers['retry-after']));
        answer.once('error', (error) => end(0, error.message));
      });
      sent.once('error', (error) => end(0, error.message));
      sent.end(body);
    });
  };
  return { ask, close: () => agent.destroy() };
}
