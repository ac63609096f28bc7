import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { RequestHandler } from '../plugin/index.ts';
import type { Registration, Route } from './registration.ts';

/** A request with its route. */
export interface RoutedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** Undefined where no component serves it. */
  readonly route: Route | undefined;
  /** Whether a component has served it before: clients should then retry. */
  readonly wasServed: boolean;
  readonly registrations: readonly Registration[];
}

/** Answers a request by its route, or with the status and reason why it is refused. */
export function dispatch(
  { request, response, path, route, wasServed, registrations }: RoutedRequest,
  logger?: Logger,
): void {
  const all = registrations.flatMap(({ routes }) => [...routes]);
  // Without a token, clients do not learn which paths exist.
  const checkToken = route ? route.checkToken : all.find(([, { checkToken }]) => checkToken)?.[1].checkToken;
  const problem = checkToken?.(request.headers.authorization);
  if (problem) {
    response.setHeader('www-authenticate', problem.challenges);
    refuse(response, 401, problem.message);
    return;
  }
  if (route) {
    answer(route.handler, request, response).catch((error: unknown) => {
      logger?.error({ err: error }, `could not answer ${request.method} ${path}`);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'the request failed; the log says why');
    });
    return;
  }
  const served = [...new Set(all.map(([name]) => name))];
  const allowed = served.filter((name) => name.endsWith(` ${path}`)).map((name) => name.split(' ')[0]);
  if (wasServed) {
    response.setHeader('retry-after', '1');
    refuse(response, 503, 'the component that served this has stopped');
  } else if (allowed.length) {
    response.setHeader('allow', allowed.join(', '));
    refuse(response, 405, `${request.method} is not allowed here; use ${allowed.join(' or ')}`);
  } else refuse(response, 404, `nothing at ${path}; served here: ${served.join(', ')}`);
}

/** Turns whatever a handler throws into a rejection. */
async function answer(handler: RequestHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await handler(request, response);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
