import type { ServerOptions } from 'node:https';
import type { Server } from 'node:tls';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { ServerTls } from '../plugin/listening.ts';
import { FileChanges } from './file-changes.ts';
import { readServerTls } from './pem-files.ts';

/** A server with TLS, and what its certificate says. */
export interface SecureServer<S> {
  readonly server: S;
  /** Whether its certificate is for a host of that name. */
  isFor(name: string): boolean;
}

/**
 * Makes a server whose certificates and authorities are read again when their files change; where these cannot be used,
 * those before stay. Throws where they cannot be used at the start.
 */
export function createSecureServer<S extends Server>(
  tls: ServerTls,
  logger: Logger | undefined,
  create: (options: ServerOptions) => S,
): SecureServer<S> {
  const { X509Certificate } = process.getBuiltinModule('node:crypto');
  const changes = new FileChanges([tls.certFile, tls.keyFile, tls.clientCaFile]);
  const options = readServerTls(tls, logger);
  let certificate = new X509Certificate(options.cert);
  const server = create(options);
  const renew = () => {
    try {
      const renewed = readServerTls(tls, logger);
      server.setSecureContext(renewed);
      certificate = new X509Certificate(renewed.cert);
      logger?.info(`the certificates of ${tls.certFile} were read again`);
    } catch (error) {
      logger?.error(`${messageOf(error)}; the certificates before still count`);
    }
  };
  // Before the server itself begins the handshake.
  server.prependListener('connection', () => {
    if (changes.hasNew()) renew();
  });
  return { server, isFor: (name) => certificate.checkHost(name) !== undefined };
}
