/** What a version of remote write is. */
export interface WriteVersion {
  /** What `X-Prometheus-Remote-Write-Version` says. */
  readonly header: string;
  readonly contentType: string;
}

/** The versions of remote write, by the names of their messages. */
export const writeVersions = {
  'prometheus.WriteRequest': { header: '0.1.0', contentType: 'application/x-protobuf' },
  'io.prometheus.write.v2.Request': {
    header: '2.0.0',
    contentType: 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  },
} as const satisfies Record<string, WriteVersion>;

/** The name of a message of remote write. */
export type WriteMessage = keyof typeof writeVersions;

/** Returns the message that a request of this content type holds; undefined is another one. Without `proto` it is that of 1.0. */
export function writeMessageOf(contentType: string | undefined): WriteMessage | undefined {
  const [media, ...parameters] = (contentType ?? '').split(';').map((part) => part.trim());
  if (media?.toLowerCase() !== 'application/x-protobuf') return undefined;
  const proto = parameters.find((one) => /^proto\s*=/i.test(one));
  if (proto === undefined) return 'prometheus.WriteRequest';
  const name = proto
    .slice(proto.indexOf('=') + 1)
    .trim()
    .replace(/^"(.*)"$/, '$1');
  return Object.hasOwn(writeVersions, name) ? (name as WriteMessage) : undefined;
}
