import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { ConnectionInjector, Server as GrpcServer, ServiceDefinition } from '@grpc/grpc-js';
import { createSecureServer, type ListenOptions, listenOptions } from 'wattline/http';
import type { SourceContext } from 'wattline/plugin';
import { ExportCalls } from './export-calls.ts';
import { interceptorFor } from './interceptor.ts';
import type { Config, GrpcConfig } from './settings.ts';

const MIB = 1024 * 1024;
/** How long connections may take to end when the receiver stops, in milliseconds. */
const FAREWELL = 1000;

/** Messages are handed on as bytes; Wattline's own reader bounds what it makes of them. */
const asBytes = (bytes: Buffer) => bytes;

const service = {
  Export: {
    path: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
    requestStream: false,
    responseStream: false,
    requestSerialize: asBytes,
    requestDeserialize: asBytes,
    responseSerialize: asBytes,
    responseDeserialize: asBytes,
  },
} satisfies ServiceDefinition;

/**
 * Takes OTLP over gRPC on a port of its own. The sockets are accepted here, so that certificates are read again when their
 * files change, and are then handed to the gRPC server.
 */
export class GrpcListener {
  readonly #ctx: SourceContext;
  readonly #config: GrpcConfig;
  readonly #options: ListenOptions;
  readonly #calls: ExportCalls;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #grpc: GrpcServer | undefined;

  constructor(ctx: SourceContext, config: GrpcConfig, limits: Config) {
    this.#ctx = ctx;
    this.#config = config;
    this.#options = listenOptions(ctx, config);
    this.#calls = new ExportCalls(ctx, limits);
  }

  /** Opens the port. Resolves with where it is; rejects where it is not available, or a certificate cannot be used. */
  async open(): Promise<string> {
    const grpc = await import('@grpc/grpc-js');
    this.#grpc = new grpc.Server({
      ...optionsOf(this.#config),
      interceptors: [interceptorFor(grpc, this.#ctx, this.#options)],
    });
    this.#grpc.addService(service, { Export: this.#calls.handler(grpc) });
    // The sockets that come in here are decrypted.
    const injector = this.#grpc.createConnectionInjector(grpc.ServerCredentials.createInsecure());
    this.#server = this.#listener(injector);
    const { host, port } = this.#config.endpoint;
    const server = this.#server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const { port: bound } = server.address() as { port: number };
    const shown = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
    return `grpc${this.#options.tls ? 's' : ''}://${shown}:${bound}`;
  }

  /** Turns new requests away and resolves when all others have been answered; at `signal` these are turned away too. */
  async close(signal: AbortSignal): Promise<void> {
    const [server, grpc] = [this.#server, this.#grpc];
    this.#server = undefined;
    this.#grpc = undefined;
    if (!server || !grpc) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    await this.#calls.close(signal);
    // What was answered must still reach its sender; then connections end by themselves, but for those of half a request.
    grpc.tryShutdown(() => {});
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, FAREWELL);
    await closed;
    clearTimeout(cut);
    grpc.forceShutdown();
  }

  #listener(injector: ConnectionInjector): Server {
    const { tls } = this.#options;
    const server = tls
      ? createSecureServer(tls, this.#ctx.logger, (options) =>
          createTlsServer({ ...options, ALPNProtocols: ['h2'] }, (socket) => injector.injectConnection(socket)),
        ).server
      : createServer((socket) => injector.injectConnection(socket));
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('tlsClientError', (error: Error) => {
      this.#ctx.logger.debug(`a TLS handshake failed: ${error.message.trim()}`);
    });
    return server;
  }
}

/** The options of gRPC that settings stand for; times in milliseconds. */
function optionsOf({ max_recv_msg_size_mib, max_concurrent_streams, keepalive }: GrpcConfig): Record<string, number> {
  const { max_connection_idle, max_connection_age, max_connection_age_grace, time, timeout } =
    keepalive.server_parameters;
  const options = {
    'grpc.max_receive_message_length': Math.floor(max_recv_msg_size_mib * MIB),
    'grpc.max_concurrent_streams': max_concurrent_streams,
    'grpc.max_connection_idle_ms': max_connection_idle,
    'grpc.max_connection_age_ms': max_connection_age,
    'grpc.max_connection_age_grace_ms': max_connection_age_grace,
    'grpc.keepalive_time_ms': time,
    'grpc.keepalive_timeout_ms': timeout,
    'grpc.enable_channelz': 0,
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Record<
    string,
    number
  >;
}
