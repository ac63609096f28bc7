import type { ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import type { RequestHandler, Routes } from '../plugin/index.ts';
import type { Authenticate, HttpListeners, ListenOptions, ServerAuth } from '../plugin/listening.ts';
import { readTokens } from './tokens.ts';

/** The routes of one component on a listener. */
export interface Registration {
  /** The listeners of the component, which identify it. */
  readonly owner: HttpListeners;
  readonly protection: Protection;
  readonly routes: ReadonlyMap<string, Route>;
  readonly allowedHosts: readonly string[];
  /** The responses that are not finished. */
  readonly answering: Set<ServerResponse>;
  /** Whether it gets no more requests. */
  isDraining: boolean;
}

export interface Route {
  readonly handler: RequestHandler;
  /** Undefined where everybody is let in. */
  readonly authenticate: Authenticate | undefined;
}

export type Protection = Pick<ListenOptions, 'tls' | 'auth'>;

/** Returns a registration of the routes. Throws where the file of the tokens cannot be used. */
export function createRegistration(
  owner: HttpListeners,
  routes: Routes,
  { tls, auth, open = [], allowedHosts = [] }: ListenOptions,
  logger?: Logger,
): Registration {
  const authenticate = auth && authenticateBy(auth, logger);
  const entries = Object.entries(routes).map(([route, handler]) => {
    return [route, { handler, authenticate: open.includes(route) ? undefined : authenticate }] as const;
  });
  const protection = { tls, auth };
  return { owner, protection, routes: new Map(entries), allowedHosts, answering: new Set(), isDraining: false };
}

/** Lets in who has a token, or whom the authenticator lets in; whoever is refused hears what both ask for. */
export function authenticateBy(auth: ServerAuth, logger: Logger | undefined): Authenticate {
  const byToken = readTokens(auth, logger);
  const { authenticate: byOther } = auth;
  if (!byOther) return byToken;
  const hasTokens = auth.bearerTokens.length > 0 || auth.bearerTokenFile !== undefined;
  return async (headers) => {
    const problem = await byOther(headers);
    const other = problem && hasTokens ? await byToken(headers) : problem;
    if (!problem || !other) return undefined;
    return { message: problem.message, challenges: [...new Set([...problem.challenges, ...other.challenges])] };
  };
}

/** Throws where a registration conflicts with another one at the endpoint: other TLS or tokens, or the same route. */
export function checkConflicts(
  { protection, routes }: Registration,
  others: readonly Registration[],
  place: string,
): void {
  for (const other of others) {
    for (const part of ['tls', 'auth'] as const) {
      if (isSame(other.protection[part], protection[part])) continue;
      throw new Error(
        `another component on ${place} has a different \`${part}\`; use the same for both, or two endpoints`,
      );
    }
    const taken = [...routes.keys()].find((route) => other.routes.has(route));
    if (taken) throw new Error(`two components serve \`${taken}\` on ${place}; give one of them another endpoint`);
  }
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
