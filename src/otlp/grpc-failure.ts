import { BlockedError, DoubtfulError, RejectedError } from '../errors.ts';

/** The metadata of an answer, as `@grpc/grpc-js` has them. */
interface Metadata {
  get(name: string): readonly (string | Buffer)[];
}

/** An error of a call, as `@grpc/grpc-js` has it. */
export interface CallError {
  readonly code: number;
  readonly details: string;
  readonly metadata?: Metadata | undefined;
}

/** The maximum length of a server's reason in a message. */
const REASON_SHOWN = 300;
const RETRY_INFO = 'google.rpc.RetryInfo';
/** What TLS says where somebody must mend it. */
const TLS = /certificate|self-signed|\bSSL\b|\bTLS\b|wrong version number/i;

/** What is to be done after each status that is no success, by the rules of OTLP. */
const MEANINGS: Readonly<Record<string, 'again' | 'never' | 'blocked'>> = {
  CANCELLED: 'again',
  DEADLINE_EXCEEDED: 'again',
  ABORTED: 'again',
  OUT_OF_RANGE: 'again',
  UNAVAILABLE: 'again',
  DATA_LOSS: 'again',
  INVALID_ARGUMENT: 'never',
  UNAUTHENTICATED: 'blocked',
  PERMISSION_DENIED: 'blocked',
  NOT_FOUND: 'blocked',
  UNIMPLEMENTED: 'blocked',
};

/**
 * Returns the error for a call that has failed with the status of that name: a `RejectedError` where the data are at fault, a
 * `BlockedError` where somebody must mend something, a `DoubtfulError` where it may be either, and any other where the same
 * may be taken later.
 */
export function grpcFailure(place: string, name: string, { details, metadata }: CallError): Error {
  const message = `${place} answered ${name}: ${details.slice(0, REASON_SHOWN)}`;
  const meaning = MEANINGS[name];
  if (meaning === 'never') return new RejectedError(`${message}; it will not take this run`);
  if (meaning === 'blocked') return new BlockedError(`${message}; ${remedyFor(name)}`);
  if (name === 'UNAVAILABLE' && TLS.test(details)) return new BlockedError(`no answer from ${place}: ${details}`);
  if (name === 'UNAVAILABLE' || name === 'DEADLINE_EXCEEDED') return new Error(`no answer from ${place}: ${details}`);
  if (meaning === 'again' || (name === 'RESOURCE_EXHAUSTED' && mayBeRetried(metadata))) return new Error(message);
  // Without a word of when to try again the request may be too large.
  if (name === 'RESOURCE_EXHAUSTED') return new DoubtfulError(`${message}; raise the limit of the server`);
  return new DoubtfulError(message);
}

function remedyFor(name: string): string {
  if (name === 'UNAUTHENTICATED' || name === 'PERMISSION_DENIED') return 'set `headers` with what the server asks for';
  return 'set `endpoint` to a server that takes metrics by OTLP over gRPC';
}

function mayBeRetried(metadata: Metadata | undefined): boolean {
  return (metadata?.get('grpc-status-details-bin') ?? []).some((status) => String(status).includes(RETRY_INFO));
}
