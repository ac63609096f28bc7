import type { IncomingMessage, ServerResponse } from 'node:http';

/** Where a server listens; port 0 takes any free one. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** The paths that a component serves, as `GET /metrics`. */
export type Routes = Readonly<Record<string, RequestHandler>>;

export interface Listening {
  /** Where it can be reached, such as `http://localhost:9514`. */
  readonly url: string;
  /** Whether any component serves this route, such as `GET /metrics`, at this endpoint at this moment. */
  serves(route: string): boolean;
  close(): Promise<void>;
}

/** The certificate that a server shows, and those that it asks for. Paths are absolute. */
export interface ServerTls {
  readonly certFile: string;
  readonly keyFile: string;
  /** The authorities of the certificates that clients must have, if they must. */
  readonly clientCaFile?: string | undefined;
  readonly minVersion: '1.2' | '1.3';
}

/** The tokens that a server takes, of which a request must carry one. Paths are absolute. */
export interface ServerAuth {
  readonly bearerTokens: readonly string[];
  readonly bearerTokenFile?: string | undefined;
}

/** How an endpoint is protected; components that share one must ask for the same `tls` and `auth`. */
export interface ListenOptions {
  readonly tls?: ServerTls | undefined;
  readonly auth?: ServerAuth | undefined;
  /** Those of the component's routes that need no token, such as `GET /health`. */
  readonly open?: readonly string[];
}

/** Opens HTTP endpoints; components that name the same one share its listener. */
export interface HttpListeners {
  /** Files of certificates and tokens are read here; rejects where one is missing or does not fit. */
  listen(endpoint: Endpoint, routes: Routes, options?: ListenOptions): Promise<Listening>;
}
