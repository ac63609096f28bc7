import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { RequestHandler } from '../plugin/index.ts';
import type { Route, Tenant } from './tenant.ts';

/** A request, and who is there to answer it. */
export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** Undefined where nobody serves it. */
  readonly route: Route | undefined;
  /** Whether somebody has: who asks then shall come again, not give up. */
  readonly isKnown: boolean;
  readonly tenants: readonly Tenant[];
}

/** Has a request answered by its route, or says why it is not. */
export function dispatch({ request, response, path, route, isKnown, tenants }: Asked, logger?: Logger): void {
  const all = tenants.flatMap(({ routes }) => [...routes]);
  // A path that is not there is told to those alone who may ask.
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
      else refuse(response, 500, 'this request could not be answered; the log says why');
    });
    return;
  }
  const served = [...new Set(all.map(([name]) => name))];
  const allowed = served.filter((name) => name.endsWith(` ${path}`)).map((name) => name.split(' ')[0]);
  if (isKnown) {
    response.setHeader('retry-after', '1');
    refuse(response, 503, 'what served this has been stopped');
  } else if (allowed.length) {
    response.setHeader('allow', allowed.join(', '));
    refuse(response, 405, `${request.method} is not allowed here; use ${allowed.join(' or ')}`);
  } else refuse(response, 404, `nothing at ${path}; served here: ${served.join(', ')}`);
}

/** A handler may be asynchronous, though nobody else waits for it. */
async function answer(handler: RequestHandler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  await handler(request, response);
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}
