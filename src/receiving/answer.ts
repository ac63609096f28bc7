import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** More headers than those that every answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that is answered with an error status; the message is for whoever sent it. */
export class RequestError extends Error {
  readonly status: 400 | 413 | 415 | 503;

  constructor(status: RequestError['status'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RequestError';
    this.status = status;
  }
}

/** Returns the media type of a request's body without its parameters, in lower case. */
export function mediaType({ headers }: IncomingMessage): string | undefined {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
}

/** Seconds after which a sender that is pushed back may try again. */
const RETRY_AFTER = 1;

/** An answer in JSON. */
export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}

/** Sends an answer; of what is left of the request the server reads a bounded rest, so that the sender gets to see it. */
export function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  response.writeHead(answer.status, {
    'content-type': answer.contentType,
    'content-length': Buffer.byteLength(answer.body),
    ...answer.headers,
    ...(answer.status === 503 && { 'retry-after': String(RETRY_AFTER) }),
  });
  // Without a body the head goes out alone, which is one piece less to write.
  if (answer.body.length) response.end(answer.body);
  else response.end();
  request.unpipe();
  request.resume();
}
