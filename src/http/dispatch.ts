import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { Registration, Route } from './registration.ts';

/** A request with its route. */
interface RoutedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  /** Undefined where no component serves it. */
  readonly route: Route | undefined;
  /** Whether a component has served it before: clients should then retry. */
  readonly wasServed: boolean;
  /** Whether components are still to come that may serve it. */
  readonly isStarting: boolean;
  readonly registrations: readonly Registration[];
}

/** Answers a request by its route, or with the status and reason why it is refused. Never rejects. */
export async function dispatch(
  { request, response, path, route, wasServed, isStarting, registrations }: RoutedRequest,
  logger?: Logger,
): Promise<void> {
  const refuse = (status: number, reason: string, header?: string, value?: string | readonly string[]) => {
    if (header && value) response.setHeader(header, value);
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${reason}\n`);
  };
  const all = registrations.flatMap(({ routes }) => [...routes]);
  // Without credentials, clients do not learn which paths exist.
  const authenticate = (route ?? all.find(([, { authenticate }]) => authenticate)?.[1])?.authenticate;
  const problem = authenticate && (await authenticate(request.headers));
  if (response.destroyed) return;
  if (problem) return refuse(401, problem.message, 'www-authenticate', problem.challenges);
  if (route) {
    try {
      await route.handler(request, response);
    } catch (error) {
      logger?.error({ err: error }, `could not answer ${request.method} ${path}`);
      if (response.headersSent) response.destroy();
      else refuse(500, 'the request failed; the log says why');
    }
    return;
  }
  if (wasServed) return refuse(503, 'the component that served this has stopped', 'retry-after', '1');
  // A 404 would tell senders to drop what they have.
  if (isStarting) return refuse(503, `nothing at ${path} yet: Wattline is starting`, 'retry-after', '1');
  const served = [...new Set(all.map(([name]) => name))];
  const allowed = served.filter((name) => name.endsWith(` ${path}`)).map((name) => name.split(' ')[0]);
  if (allowed.length === 0) return refuse(404, `nothing at ${path}; served here: ${served.join(', ')}`);
  const reason = `${request.method} is not allowed here; use ${allowed.join(' or ')}`;
  refuse(405, reason, 'allow', allowed.join(', '));
}
