import type { ServerOptions } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import type { Logger } from 'pino';
import { messageOf } from '../errors.ts';
import type { ServerTls } from '../plugin/listening.ts';
import { readFileUpTo } from '../text-file.ts';

/** The longest file of certificates or tokens, in bytes; the authorities of a whole system take some 200 KiB. */
const MOST_BYTES = 4 * 1024 * 1024;

/** The absolute paths of certificate files, each under the key of the configuration that names it. */
interface PemPaths {
  readonly cert_file?: string | undefined;
  readonly key_file?: string | undefined;
  readonly ca_file?: string | undefined;
  readonly client_ca_file?: string | undefined;
}

/** The texts of certificate files as Node's TLS takes them. */
type PemTexts = Pick<SecureContextOptions, 'cert' | 'key' | 'ca'>;

/** Reads certificate files. Throws, with the key and the path, where one cannot be read, is no PEM, or key and certificate differ. */
export function readPemFiles(paths: PemPaths): PemTexts {
  const cert = readPem('cert_file', paths.cert_file, 'CERTIFICATE');
  const key = readPem('key_file', paths.key_file, 'PRIVATE KEY');
  const ca =
    readPem('ca_file', paths.ca_file, 'CERTIFICATE') ?? readPem('client_ca_file', paths.client_ca_file, 'CERTIFICATE');
  const texts: PemTexts = { ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }) };
  try {
    process.getBuiltinModule('node:tls').createSecureContext(texts);
  } catch (error) {
    throw new Error(problemOf(error, paths), { cause: error });
  }
  return texts;
}

/** Returns the settings of an HTTPS server. Throws where a file cannot be used; warns where a certificate is not valid now. */
export function readServerTls(
  { certFile, keyFile, clientCaFile, minVersion }: ServerTls,
  logger?: Logger,
): ServerOptions & { readonly cert: string } {
  const texts = readPemFiles({ cert_file: certFile, key_file: keyFile, client_ca_file: clientCaFile });
  const cert = texts.cert as string;
  const { validFromDate, validToDate } = new (process.getBuiltinModule('node:crypto').X509Certificate)(cert);
  const now = new Date();
  const day = (date: Date) => date.toISOString().slice(0, 10);
  if (validToDate < now) logger?.warn(`the certificate in ${certFile} expired on ${day(validToDate)}; renew it`);
  if (validFromDate > now) logger?.warn(`the certificate in ${certFile} is valid from ${day(validFromDate)} only`);
  return { ...texts, cert, minVersion: `TLSv${minVersion}`, requestCert: clientCaFile !== undefined };
}

function readPem(key: keyof PemPaths, path: string | undefined, label: string): string | undefined {
  if (path === undefined) return undefined;
  const text = readTextFile(`tls.${key}`, path);
  if (text.includes(`${label}-----`)) return text;
  throw new Error(`\`tls.${key}\`: ${path} holds no ${label} in PEM; it begins with -----BEGIN where it does`);
}

/** Returns the text of a file that the configuration names. Throws with the key and the path. */
export function readTextFile(key: string, path: string): string {
  try {
    return readFileUpTo(path, MOST_BYTES).toString();
  } catch (error) {
    const reasons: Record<string, string> = { ENOENT: 'there is no such file', EACCES: 'this user may not read it' };
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? messageOf(error);
    throw new Error(`\`${key}\`: ${path} cannot be read: ${reason}`, { cause: error });
  }
}

function problemOf(error: unknown, { cert_file, key_file, ca_file, client_ca_file }: PemPaths): string {
  if ((error as NodeJS.ErrnoException).code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH') {
    return `\`tls.key_file\`: ${key_file} is not the key of the certificate in ${cert_file}; name the two that belong together`;
  }
  const named = [cert_file, key_file, ca_file, client_ca_file].filter((path) => path !== undefined);
  return `the certificates cannot be used (${named.join(', ')}); they must be PEM, the key without a passphrase`;
}
