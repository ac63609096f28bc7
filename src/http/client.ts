import { isIP } from 'node:net';
import type { Agent } from 'undici';
import { z } from 'zod';
import type { Context } from '../plugin/contract.ts';
import { readPemFiles } from './pem-files.ts';

/** The settings of a component that calls a server, beside its URL: `tls`. They are made for who asks for them. */
export const clientSettings = {
  get tls() {
    return z
      .strictObject({
        ca_file: z
          .string()
          .min(1)
          .optional()
          .describe("Certificates of the authorities that are trusted (PEM), in place of Node.js's own"),
        cert_file: z.string().min(1).optional().describe('The certificate to show to the server (PEM)'),
        key_file: z.string().min(1).optional().describe('The key of that certificate (PEM, without a passphrase)'),
        insecure_skip_verify: z
          .boolean()
          .default(false)
          .describe("Whether the server's certificate goes unchecked; whoever is on the way can then read and change"),
        server_name_override: z
          .string()
          .min(1)
          .refine((name) => isIP(name) === 0, { error: 'expected a name, not an address' })
          .optional()
          .describe("The name that the server's certificate must have, where it is not that of the URL"),
      })
      .refine(({ cert_file, key_file }) => (cert_file === undefined) === (key_file === undefined), {
        error: 'expected `cert_file` and `key_file` together',
      })
      .optional()
      .describe('How a server with an https URL is checked, and what it is shown');
  },
};

/** A `tls` section of the configuration. */
export interface ClientTls {
  readonly ca_file?: string | undefined;
  readonly cert_file?: string | undefined;
  readonly key_file?: string | undefined;
  readonly insecure_skip_verify: boolean;
  readonly server_name_override?: string | undefined;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Calls servers with the TLS of a configuration. Throws where `tls` stands beside a URL that is not https. */
export class HttpClient {
  readonly #ctx: Pick<Context, 'resolvePath' | 'logger'>;
  readonly #tls: ClientTls | undefined;
  #agent: Agent | undefined;
  #fetch: Fetch | undefined;

  constructor(ctx: Pick<Context, 'resolvePath' | 'logger'>, url: string, tls: ClientTls | undefined) {
    if (tls && !url.startsWith('https:'))
      throw new Error('`tls` needs a URL that begins with https:, and this one does not');
    this.#ctx = ctx;
    this.#tls = tls;
  }

  /** Reads the certificate files. Throws, with the key and the path, where one cannot be used. */
  async start(): Promise<void> {
    if (!this.#tls) return;
    const { insecure_skip_verify, server_name_override, ...files } = this.#tls;
    const resolve = (path: string | undefined) => (path === undefined ? undefined : this.#ctx.resolvePath(path));
    const paths = { ca_file: resolve(files.ca_file), cert_file: resolve(files.cert_file) };
    const texts = readPemFiles({ ...paths, key_file: resolve(files.key_file) });
    if (insecure_skip_verify) {
      this.#ctx.logger.warn('`tls.insecure_skip_verify` is set: nobody checks that the server is the right one');
    }
    const undici = await import('undici');
    const name = server_name_override === undefined ? {} : { servername: server_name_override };
    const agent = new undici.Agent({ connect: { ...texts, ...name, rejectUnauthorized: !insecure_skip_verify } });
    this.#agent = agent;
    // The agent of the package goes with the package's own fetch only; both follow the same standard.
    const { fetch } = undici as unknown as { fetch: (url: string, init: object) => Promise<Response> };
    this.#fetch = (url, init) => fetch(url, { ...init, dispatcher: agent });
  }

  readonly fetch: Fetch = (url, init) => {
    if (this.#tls && !this.#fetch) throw new Error('the client has not been started');
    return (this.#fetch ?? fetch)(url, init);
  };

  async close(): Promise<void> {
    const agent = this.#agent;
    this.#agent = undefined;
    this.#fetch = undefined;
    await agent?.destroy();
  }
}

/**
 * Returns what to change in the configuration after a server has refused a request with this HTTP status, or undefined where
 * no setting helps. `correctUrl` says how to correct the URL.
 */
export function remedyForStatus(status: number, correctUrl: string): string | undefined {
  if (status === 401 || status === 403) return 'set `headers` with what the server asks for';
  return status < 400 || status === 404 || status === 405 ? correctUrl : undefined;
}

/** The headers of every request, from the configuration. Throws where HTTP does not allow one; the value is not shown. */
export function requestHeaders(configured: Readonly<Record<string, string>>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(configured)) {
    try {
      headers.append(name, 'any');
    } catch {
      throw new Error(`\`${name}\` cannot be the name of a header; use letters, digits and -`);
    }
    try {
      headers.set(name, value);
    } catch {
      throw new Error(
        `the value of the header \`${name}\` has a character that HTTP does not allow, such as a line end`,
      );
    }
  }
  return headers;
}
