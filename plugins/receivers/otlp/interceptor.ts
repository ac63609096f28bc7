import type { Metadata, Responder, ServerInterceptingCall, ServerInterceptor } from '@grpc/grpc-js';
import { authenticateBy, type ListenOptions } from 'wattline/http';
import type { Context } from 'wattline/plugin';

type Grpc = typeof import('@grpc/grpc-js');
type ResponderStart = NonNullable<Responder['start']>;

/** The compressions that the gRPC library knows. */
const KNOWN = ['identity', 'gzip', 'deflate'];

/**
 * Returns what looks at a request before it is read: it lets in who may call, and refuses a compression that cannot be read
 * with those that can, and says so in the log, since a sender drops what it is refused so.
 */
export function interceptorFor(
  grpc: Grpc,
  { logger }: Pick<Context, 'logger'>,
  { auth }: ListenOptions,
): ServerInterceptor {
  const authenticate = auth && authenticateBy(auth, logger);
  const refusalOf = async (metadata: Metadata, encoding: string, peer: string) => {
    const headers = Object.entries(metadata.getMap()).map(([key, value]) => [key, String(value)]);
    const problem = await authenticate?.(Object.fromEntries(headers));
    if (problem) return { code: grpc.status.UNAUTHENTICATED, details: problem.message };
    if (KNOWN.includes(encoding)) return undefined;
    const remedy = 'set `compression: gzip` there, or send to the port of `http`, which takes zstd';
    logger.warn(`a request of ${peer} is compressed by ${encoding}, which is not taken by gRPC: ${remedy}`);
    const taken = new grpc.Metadata();
    taken.set('grpc-accept-encoding', KNOWN.join(','));
    return { code: grpc.status.UNIMPLEMENTED, details: `${encoding} is not taken here; send gzip`, metadata: taken };
  };
  return (_, call) => {
    // The library takes the header away before anybody sees it.
    const encoding: unknown = Reflect.get(call, 'incomingEncoding');
    const start: ResponderStart = (next) => {
      next({
        onReceiveMetadata(metadata, goOn) {
          void refusalOf(metadata, String(encoding ?? 'identity'), call.getPeer()).then((refusal) => {
            if (refusal) call.sendStatus(refusal);
            else goOn(metadata);
          });
        },
      });
    };
    const isLookedAt = authenticate || !KNOWN.includes(String(encoding ?? 'identity'));
    // What nobody looks at costs nothing: the call is of the same shape as one that is.
    return isLookedAt ? new grpc.ServerInterceptingCall(call, { start }) : (call as ServerInterceptingCall);
  };
}
