import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

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

/** Why a request is not let in, and what is asked for in its place, as `WWW-Authenticate` has it. */
export interface AuthProblem {
  readonly message: string;
  readonly challenges: readonly string[];
}

/** Says by its headers whether a request is let in; it resolves with undefined where it is, and never rejects. */
export type Authenticate = (headers: IncomingHttpHeaders) => Promise<AuthProblem | undefined>;

/** The credentials of a request that is about to be sent: the header and its value. Throws where there are none. */
export type Credentials = () => readonly [header: string, value: string];

/** The tokens that a server takes, of which a request must carry one. Paths are absolute. */
export interface ServerAuth {
  readonly bearerTokens: readonly string[];
  readonly bearerTokenFile?: string | undefined;
  /** The extension that decides in place of tokens, by its id, and how it does. */
  readonly authenticator?: string | undefined;
  readonly authenticate?: Authenticate | undefined;
}

/** How an endpoint is protected; components that share one must ask for the same `tls` and `auth`. */
export interface ListenOptions {
  readonly tls?: ServerTls | undefined;
  readonly auth?: ServerAuth | undefined;
  /** Those of the component's routes that need no token, such as `GET /health`. */
  readonly open?: readonly string[];
  /** The names that requests may be addressed to, beside those that the server has anyway; all who share it add to them. */
  readonly allowedHosts?: readonly string[];
}

/** Opens HTTP endpoints; components that name the same one share its listener. */
export interface HttpListeners {
  /** Files of certificates and tokens are read here; rejects where one is missing or does not fit. */
  listen(endpoint: Endpoint, routes: Routes, options?: ListenOptions): Promise<Listening>;
}
