import type { ChannelCredentials, Client } from '@grpc/grpc-js';
import { type Credentials, FileChanges, readPemFiles, requestHeaders } from 'wattline/http';
import { grpcFailure } from 'wattline/otlp';
import { type Context, messageOf } from 'wattline/plugin';
import { type Config, targetOf } from './settings.ts';

type Grpc = typeof import('@grpc/grpc-js');

const PATH = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
/** The longest answer that is read, in bytes. */
const ANSWER_BYTES = 64 * 1024;
/** The longest pause before a new try to connect, in milliseconds: the queue has pauses of its own. */
const RECONNECT = 5000;
const asBytes = (bytes: Buffer) => bytes;

/**
 * Calls `Export` of a server. Certificates are read again when their files change, and the connection is made anew after a
 * call without an answer, since a connection that is cut on the way looks as if the server were slow.
 */
export class ExportClient {
  /** What the server is called in messages. */
  readonly place: string;
  readonly #ctx: Context;
  readonly #config: Config;
  readonly #address: string;
  readonly #isSecure: boolean;
  readonly #headers: Headers;
  readonly #credentials: Credentials | undefined;
  #changes: FileChanges | undefined;
  #grpc: Grpc | undefined;
  #client: Client | undefined;

  /** Throws where a header cannot be sent, or `tls` contradicts the URL. */
  constructor(ctx: Context, config: Config) {
    const { address, scheme } = targetOf(config.endpoint);
    const { insecure = false, ...tls } = config.tls ?? {};
    if (scheme === 'https' && insecure) throw new Error('`tls.insecure` contradicts a URL that begins with https:');
    this.#isSecure = scheme !== 'http' && !insecure;
    const isAsked = Object.values(tls).some((value) => value !== undefined && value !== false);
    if (!this.#isSecure && isAsked) throw new Error('`tls` needs a server with TLS, and this one is called without');
    this.place = `grpc${this.#isSecure ? 's' : ''}://${address}`;
    this.#ctx = ctx;
    this.#config = config;
    this.#address = address;
    this.#headers = requestHeaders(config.headers);
    this.#credentials = config.auth && ctx.clientAuth(config.auth.authenticator);
  }

  /** Reads the certificate files. Throws, with the key and the path, where one cannot be used. */
  async start(): Promise<void> {
    this.#grpc = await import('@grpc/grpc-js');
    this.#changes = new FileChanges(Object.values(this.#files));
    if (this.#config.tls?.insecure_skip_verify) {
      this.#ctx.logger.warn('`tls.insecure_skip_verify` is set: nobody checks that the server is the right one');
    }
    this.#client = this.#connect(this.#grpc);
  }

  /** Sends a request and resolves with the answer. Throws what says whether it may be sent again. */
  export(request: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    const grpc = this.#grpc;
    if (!grpc || !this.#client) throw new Error('the client has not been started');
    if (this.#changes?.hasNew()) this.#renew(grpc);
    const client = this.#client;
    const { timeout } = this.#config;
    const options = timeout > 0 ? { deadline: Date.now() + timeout } : {};
    return new Promise((resolve, reject) => {
      const body = Buffer.from(request.buffer, request.byteOffset, request.byteLength);
      const call = client.makeUnaryRequest(
        PATH,
        asBytes,
        asBytes,
        body,
        this.#metadata(grpc),
        options,
        (error, answer) => {
          signal.removeEventListener('abort', cancel);
          if (!error) return resolve(answer ?? Buffer.alloc(0));
          if (error.code === grpc.status.DEADLINE_EXCEEDED && client === this.#client) this.#reconnect(grpc);
          reject(grpcFailure(this.place, grpc.status[error.code] ?? String(error.code), error));
        },
      );
      const cancel = () => call.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
    });
  }

  close(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  get #files() {
    const { ca_file, cert_file, key_file } = this.#config.tls ?? {};
    const resolve = (path: string | undefined) => (path === undefined ? undefined : this.#ctx.resolvePath(path));
    return { ca_file: resolve(ca_file), cert_file: resolve(cert_file), key_file: resolve(key_file) };
  }

  #renew(grpc: Grpc): void {
    try {
      this.#reconnect(grpc);
      this.#ctx.logger.info('the certificates of `tls` were read again');
    } catch (error) {
      this.#ctx.logger.error(`${messageOf(error)}; the certificates before still count`);
    }
  }

  /** Makes a new connection. Calls that are under way on the one before come to their end. */
  #reconnect(grpc: Grpc): void {
    const before = this.#client;
    this.#client = this.#connect(grpc);
    before?.close();
  }

  #connect(grpc: Grpc): Client {
    const { compression, tls } = this.#config;
    return new grpc.Client(this.#address, this.#channelCredentials(grpc), {
      'grpc.default_compression_algorithm':
        compression === 'gzip' ? grpc.compressionAlgorithms.gzip : grpc.compressionAlgorithms.identity,
      'grpc.max_receive_message_length': ANSWER_BYTES,
      'grpc.max_send_message_length': -1,
      'grpc.max_reconnect_backoff_ms': RECONNECT,
      'grpc.enable_channelz': 0,
      // Clients would otherwise share a connection that one of them wants to make anew.
      'grpc.use_local_subchannel_pool': 1,
      ...(tls?.server_name_override && { 'grpc.ssl_target_name_override': tls.server_name_override }),
    });
  }

  #channelCredentials(grpc: Grpc): ChannelCredentials {
    if (!this.#isSecure) return grpc.credentials.createInsecure();
    const { ca, cert, key } = readPemFiles(this.#files);
    const bytes = (text: unknown) => (text === undefined ? null : Buffer.from(text as string));
    const rejectUnauthorized = !this.#config.tls?.insecure_skip_verify;
    return grpc.credentials.createSsl(bytes(ca), bytes(key), bytes(cert), { rejectUnauthorized });
  }

  #metadata(grpc: Grpc) {
    const metadata = new grpc.Metadata();
    for (const [name, value] of this.#headers) metadata.set(name, value);
    if (this.#credentials) metadata.set(...this.#credentials());
    return metadata;
  }
}
