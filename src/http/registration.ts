import type { ServerResponse } from 'node:http';
import type { RequestHandler, Routes } from '../plugin/index.ts';
import type { HttpListeners, ListenOptions } from '../plugin/listening.ts';
import { readTokens, type TokenCheck } from './tokens.ts';

/** The routes of one component on a listener. */
export interface Registration {
  /** The listeners of the component, which identify it. */
  readonly owner: HttpListeners;
  readonly protection: Protection;
  readonly routes: ReadonlyMap<string, Route>;
  /** The responses that are not finished. */
  readonly answering: Set<ServerResponse>;
  /** Whether it gets no more requests. */
  isDraining: boolean;
}

export interface Route {
  readonly handler: RequestHandler;
  /** Undefined where no token is needed. */
  readonly checkToken: TokenCheck | undefined;
}

export type Protection = Pick<ListenOptions, 'tls' | 'auth'>;

/** Returns a registration of the routes. Throws where the file of the tokens cannot be used. */
export function createRegistration(
  owner: HttpListeners,
  routes: Routes,
  { tls, auth, open = [] }: ListenOptions,
): Registration {
  const checkToken = auth && readTokens(auth);
  const entries = Object.entries(routes).map(([route, handler]) => {
    return [route, { handler, checkToken: open.includes(route) ? undefined : checkToken }] as const;
  });
  const protection = { tls, auth };
  return { owner, protection, routes: new Map(entries), answering: new Set(), isDraining: false };
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
