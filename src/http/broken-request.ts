import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';

/** What a request that cannot be read is answered, by the code of its error; Node.js does the same by itself. */
const ANSWERS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
};
/** The first bytes of HTTP/2, which gRPC speaks, make this error. */
const HTTP_2 = 'HPE_PAUSED_H2_UPGRADE';

/** Returns what answers what is no request of HTTP/1.1; the first that speaks HTTP/2 is named in the log, since its sender learns nothing. */
export function brokenRequests(logger: Logger | undefined): (error: NodeJS.ErrnoException, socket: Duplex) => void {
  let isSaid = false;
  return (error, socket) => {
    const { code = '' } = error;
    if (code === HTTP_2 && !isSaid) {
      isSaid = true;
      const remedy = 'send OTLP over gRPC to the port of `protocols.grpc` of a receiver `otlp`, 4317 by default';
      logger?.warn(`a client speaks HTTP/2 or gRPC to a port of HTTP/1.1: ${remedy}, or set the sender to OTLP/HTTP`);
    }
    const response = Reflect.get(socket, '_httpMessage') as { headersSent?: boolean } | undefined;
    if (socket.writable && !response?.headersSent)
      socket.write(`HTTP/1.1 ${ANSWERS[code] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`);
    socket.destroy(error);
  };
}
