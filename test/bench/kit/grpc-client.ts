import * as grpc from '@grpc/grpc-js';

const PATH = '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export';
const asBytes = (bytes: Buffer) => bytes;

/** Sends OTLP requests one after the other over gRPC. */
export class GrpcClient {
  readonly #client: grpc.Client;

  constructor(address: string) {
    const ownConnection = { 'grpc.use_local_subchannel_pool': 1 };
    this.#client = new grpc.Client(address, grpc.credentials.createInsecure(), ownConnection);
  }

  /** Resolves once all points have been taken. Throws where they were not. */
  send(body: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(PATH, asBytes, asBytes, body, (error, answer) => {
        if (error) reject(error);
        else if (answer?.length) reject(new Error('not all points were taken'));
        else resolve();
      });
    });
  }

  close(): void {
    this.#client.close();
  }
}
