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
export type PemTexts = Pick<SecureContextOptions, 'cert' | 'key' | 'ca'>;

/**
 * Reads certificate files of a section of the configuration, beside texts that it has itself. Throws, with the key and the
 * path, where one cannot be read, is no PEM, or key and certificate differ.
 */
export function readPemFiles(paths: PemPaths, given: PemTexts = {}, section = 'tls'): PemTexts {
  const read = (name: keyof PemPaths, label: string) => readPem(`${section}.${name}`, paths[name], label);
  const cert = read('cert_file', 'CERTIFICATE');
  const key = read('key_file', 'PRIVATE KEY');
  const ca = read('ca_file', 'CERTIFICATE') ?? read('client_ca_file', 'CERTIFICATE');
  const texts: PemTexts = { ...given, ...(cert && { cert }), ...(key && { key }), ...(ca && { ca }) };
  try {
    process.getBuiltinModule('node:tls').createSecureContext(texts);
  } catch (error) {
    throw new Error(problemOf(error, paths, section), { cause: error });
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

function readPem(key: string, path: string | undefined, label: string): string | undefined {
  if (path === undefined) return undefined;
  const text = readTextFile(key, path);
  if (text.includes(`${label}-----`)) return text;
  throw new Error(`\`${key}\`: ${path} holds no ${label} in PEM; it begins with -----BEGIN where it does`);
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

function problemOf(error: unknown, paths: PemPaths, section: string): string {
  const { cert_file, key_file, ca_file, client_ca_file } = paths;
  const named = [cert_file, key_file, ca_file, client_ca_file].filter((path) => path !== undefined);
  const isOtherKey = (error as NodeJS.ErrnoException).code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH';
  if (isOtherKey && cert_file !== undefined && key_file !== undefined) {
    return `\`${section}.key_file\`: ${key_file} is not the key of the certificate in ${cert_file}; name the two that belong together`;
  }
  if (isOtherKey) return `\`${section}\`: the key is not that of the certificate; give the two that belong together`;
  return `the certificates cannot be used${named.length ? ` (${named.join(', ')})` : ` (\`${section}\`)`}; they must be PEM, the key without a passphrase`;
}
