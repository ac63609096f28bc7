import type { ServerResponse } from 'node:http';
import type { HttpListeners, ListenOptions, RequestHandler, Routes } from '../plugin/index.ts';
import { readTokens, type TokenCheck } from './tokens.ts';

/** A component at an endpoint, with its paths there. */
export interface Tenant {
  /** What the component was given to listen with. */
  readonly owner: HttpListeners;
  readonly protection: Protection;
  readonly routes: ReadonlyMap<string, Route>;
  /** The answers that it has begun or is about to. */
  readonly answering: Set<ServerResponse>;
  /** Whether nobody is let in any more. */
  isDismissed: boolean;
}

export interface Route {
  readonly handler: RequestHandler;
  /** Undefined where everybody may ask. */
  readonly checkToken: TokenCheck | undefined;
}

export type Protection = Pick<ListenOptions, 'tls' | 'auth'>;

/** A tenant of these routes. Throws where the file of its tokens cannot be used. */
export function createTenant(owner: HttpListeners, routes: Routes, { tls, auth, open = [] }: ListenOptions): Tenant {
  const checkToken = auth && readTokens(auth);
  const entries = Object.entries(routes).map(([route, handler]) => {
    return [route, { handler, checkToken: open.includes(route) ? undefined : checkToken }] as const;
  });
  const protection = { tls, auth };
  return { owner, protection, routes: new Map(entries), answering: new Set(), isDismissed: false };
}

/** Throws where a newcomer does not go with those who are at the endpoint already. */
export function checkNeighbours({ protection, routes }: Tenant, neighbours: readonly Tenant[], place: string): void {
  for (const neighbour of neighbours) {
    for (const part of ['tls', 'auth'] as const) {
      if (isSame(neighbour.protection[part], protection[part])) continue;
      throw new Error(
        `another component on ${place} has a different \`${part}\`; give both the same, or two endpoints`,
      );
    }
    const taken = [...routes.keys()].find((route) => neighbour.routes.has(route));
    if (taken) throw new Error(`two components serve \`${taken}\` on ${place}; give one of them another endpoint`);
  }
}

export function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
