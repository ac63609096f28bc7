/** `wattline/http`: settings of HTTP clients and servers, and the client that plugins call other servers with. */

export type { Authenticate, AuthProblem, Credentials, ListenOptions } from '../plugin/listening.ts';
export {
  type Answer,
  bodySizeLimit,
  type ClientAuth,
  type ClientTls,
  type Compression,
  clientSettings,
  compressions,
  HttpClient,
  pushFailure,
  remedyForStatus,
  requestHeaders,
} from './client.ts';
export { FileChanges } from './file-changes.ts';
export { forSender } from './for-sender.ts';
export { foreignClientKeys, foreignClientTls, foreignServerKeys } from './foreign-keys.ts';
export { readPemFiles, readTextFile } from './pem-files.ts';
export { authenticateBy } from './registration.ts';
export { laterError } from './retry-after.ts';
export { createSecureServer } from './secure-server.ts';
export { isToken, listenOptions, serverSettings } from './server.ts';
export type { ClientTlsOptions, Fetch } from './tls-fetch.ts';
export { readTokens } from './tokens.ts';
