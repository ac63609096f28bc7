import type { SecureVersion } from 'node:tls';
import type { Agent } from 'undici';
import { messageOf } from '../errors.ts';
import type { Context } from '../plugin/contract.ts';
import type { ClientTls } from './client-settings.ts';
import { FileChanges } from './file-changes.ts';
import { type PemTexts, readPemFiles } from './pem-files.ts';

/** A `tls` section, and what other sections say of TLS. */
export interface ClientTlsOptions extends ClientTls {
  /** The section that messages name, `tls` unless it is given. */
  readonly section?: string;
  /** Certificates that the configuration has itself. */
  readonly given?: PemTexts;
  readonly minVersion?: SecureVersion | undefined;
  readonly maxVersion?: SecureVersion | undefined;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Returns a `fetch` with the TLS of a configuration. Its files are read again when they change; where these cannot be used,
 * those before stay. Throws, with the key and the path, where one cannot be used at the start.
 */
export async function createTlsFetch(
  { resolvePath, logger }: Pick<Context, 'resolvePath' | 'logger'>,
  { insecure_skip_verify, server_name_override: servername, section = 'tls', given, ...files }: ClientTlsOptions,
): Promise<{ readonly fetch: Fetch; close(): Promise<void> }> {
  const resolve = (path: string | undefined) => (path === undefined ? undefined : resolvePath(path));
  const paths = {
    ca_file: resolve(files.ca_file),
    cert_file: resolve(files.cert_file),
    key_file: resolve(files.key_file),
  };
  const changes = new FileChanges(Object.values(paths));
  const { minVersion, maxVersion } = files;
  const options = {
    ...(servername && { servername }),
    ...(minVersion && { minVersion }),
    ...(maxVersion && { maxVersion }),
    rejectUnauthorized: !insecure_skip_verify,
  };
  const undici = await import('undici');
  const createAgent = (): Agent =>
    new undici.Agent({ connect: { ...readPemFiles(paths, given, section), ...options } });
  let agent = createAgent();
  if (insecure_skip_verify) {
    logger.warn(`\`${section}.insecure_skip_verify\` is set: nobody checks that the server is the right one`);
  }
  const renew = () => {
    try {
      const before = agent;
      agent = createAgent();
      logger.info(`the certificates of \`${section}\` were read again`);
      // Requests that are under way come to their end.
      void before.close();
    } catch (error) {
      logger.error(`${messageOf(error)}; the certificates before still count`);
    }
  };
  // The agent of the package works with the package's own fetch only; both follow the same standard.
  const { fetch } = undici as unknown as { fetch: (url: string, init: object) => Promise<Response> };
  return {
    fetch(url, init) {
      if (changes.hasNew()) renew();
      return fetch(url, { ...init, dispatcher: agent });
    },
    close: () => agent.destroy(),
  };
}
