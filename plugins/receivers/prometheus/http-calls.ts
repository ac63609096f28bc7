import { type ClientAuth, type ClientTlsOptions, FileChanges, HttpClient, readTextFile } from 'wattline/http';
import { type Context, messageOf } from 'wattline/plugin';
import { HEADER_TEXT, type HttpSettings } from './http-settings.ts';

type CallsContext = Pick<Context, 'resolvePath' | 'logger' | 'hide' | 'clientAuth'>;

/** Who is called, and in which section the settings for that stand. */
export interface CallsOptions extends Partial<HttpSettings> {
  /** The scheme of all URLs, or `https` where it differs. */
  readonly scheme: string;
  /** What the settings of Wattline itself have. */
  readonly tls?: ClientTlsOptions | undefined;
  readonly auth?: ClientAuth | undefined;
}

/** Calls servers with the credentials and the TLS of settings. `create` may make it; it opens nothing until it is started. */
export class HttpCalls {
  readonly client: HttpClient;
  readonly #ctx: CallsContext;
  readonly #options: CallsOptions;
  readonly #redirect: 'follow' | 'manual';
  #changes: FileChanges | undefined;
  #authorization: string | undefined;

  constructor(ctx: CallsContext, options: CallsOptions) {
    const { tls_config, scheme } = options;
    // Relabelling may make https of a scheme, so that `tls_config` may stand beside any.
    this.client = tls_config
      ? new HttpClient(ctx, 'https:', tlsOf(tls_config), options.auth)
      : new HttpClient(ctx, `${scheme}:`, options.tls, options.auth);
    this.#ctx = ctx;
    this.#options = options;
    this.#redirect = options.follow_redirects === false ? 'manual' : 'follow';
  }

  /** Reads the files of certificates and credentials. Throws, with the key and the path, where one cannot be used. */
  async start(): Promise<void> {
    const { basic_auth, authorization } = this.#options;
    const files = [basic_auth?.username_file, basic_auth?.password_file, authorization?.credentials_file];
    this.#changes = new FileChanges(files.map((file) => file && this.#ctx.resolvePath(file)));
    this.#authorization = this.#read();
    await this.client.start();
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  /** Returns what a request is made with: the headers with the credentials as they are now. */
  init(headers: Headers): { readonly headers: Headers; readonly redirect: 'follow' | 'manual' } {
    const all = new Headers(headers);
    if (this.#changes?.hasNew()) this.#readAgain();
    if (this.#authorization !== undefined) all.set('authorization', this.#authorization);
    return { headers: all, redirect: this.#redirect };
  }

  #readAgain(): void {
    try {
      this.#authorization = this.#read();
    } catch (error) {
      this.#ctx.logger.error(`${messageOf(error)}; the credentials before still count`);
    }
  }

  #read(): string | undefined {
    const { basic_auth: basic, authorization: other } = this.#options;
    if (basic) {
      const user = basic.username ?? this.#text('basic_auth.username_file', basic.username_file) ?? '';
      const password = basic.password ?? this.#text('basic_auth.password_file', basic.password_file) ?? '';
      const credentials = Buffer.from(`${user}:${password}`).toString('base64');
      this.#ctx.hide(credentials);
      return `Basic ${credentials}`;
    }
    const credentials = other?.credentials ?? this.#text('authorization.credentials_file', other?.credentials_file);
    return other && `${other.type} ${credentials ?? ''}`.trim();
  }

  #text(key: string, file: string | undefined): string | undefined {
    if (file === undefined) return undefined;
    const path = this.#ctx.resolvePath(file);
    const text = readTextFile(key, path).trim();
    if (text === '') throw new Error(`\`${key}\`: ${path} is empty`);
    if (!HEADER_TEXT.test(text)) throw new Error(`\`${key}\`: ${path} has more than one line, or odd characters`);
    this.#ctx.hide(text);
    return text;
  }
}

const versions = { TLS10: 'TLSv1', TLS11: 'TLSv1.1', TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' } as const;

function tlsOf({ ca, cert, key, server_name, ...config }: NonNullable<HttpSettings['tls_config']>): ClientTlsOptions {
  return {
    section: 'tls_config',
    given: { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) },
    ca_file: config.ca_file,
    cert_file: config.cert_file,
    key_file: config.key_file,
    insecure_skip_verify: config.insecure_skip_verify,
    server_name_override: server_name,
    minVersion: config.min_version && versions[config.min_version],
    maxVersion: config.max_version && versions[config.max_version],
  };
}
