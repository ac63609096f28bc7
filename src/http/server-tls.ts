import type { ServerOptions } from 'node:https';
import type { Logger } from 'pino';
import type { ServerTls } from '../plugin/listening.ts';
import { readPemFiles } from './pem-files.ts';

/** Returns the settings of an HTTPS server. Throws where a file cannot be used; warns where a certificate is not valid now. */
export function readServerTls(
  { certFile, keyFile, clientCaFile, minVersion }: ServerTls,
  logger?: Logger,
): ServerOptions {
  const texts = readPemFiles({ cert_file: certFile, key_file: keyFile, client_ca_file: clientCaFile });
  const { validFromDate, validToDate } = new (process.getBuiltinModule('node:crypto').X509Certificate)(
    texts.cert as string,
  );
  const now = new Date();
  const day = (date: Date) => date.toISOString().slice(0, 10);
  if (validToDate < now) logger?.warn(`the certificate in ${certFile} expired on ${day(validToDate)}; renew it`);
  if (validFromDate > now) logger?.warn(`the certificate in ${certFile} is valid from ${day(validFromDate)} only`);
  return { ...texts, minVersion: `TLSv${minVersion}`, requestCert: clientCaFile !== undefined };
}
