import fc from 'fast-check';
import { jsonEncoding, protobufEncoding, type ReadResource } from '../../../src/otlp/index.ts';
import { hostileProtobuf, requests } from '../arbitraries/otlp-requests.ts';
import { jsonByProtobufjs } from '../arbitraries/otlp-schema.ts';
import { holdResources, holdSameAtOnce, holdWritten, isOtlpError, readUpToLimits } from '../hold-resources.ts';
import { holdSame, type Target } from '../target.ts';

const encoding = protobufEncoding();
const fresh = () => protobufEncoding();

/** OTLP requests in protobuf, as the http receiver reads them. */
const target: Target<ReadResource[]> = {
  name: 'otlp-protobuf',
  weight: 3,
  generated: fc.oneof({ weight: 4, arbitrary: requests }, { weight: 1, arbitrary: hostileProtobuf(20_000) }),
  words: ['\u000a\u0000', '\u0012\u0000', '\u000b', '\u000c', '\u0039', Buffer.of(0xff, 0xff, 0xff, 0xff, 0x0f)],
  growing: ['\u000a\u0000', '\u007a\u0000', '\u007b\u007c', '\u0078\u0001'].map((part) => ({ part })),
  read: (bytes) => readUpToLimits(encoding, bytes),
  isRefusal: isOtlpError,
  check(read, bytes) {
    const made = holdResources(read);
    // What was read before must not show.
    holdSameAtOnce(fresh(), bytes, read);
    const json = jsonByProtobufjs(bytes);
    if (json) holdSame(read, jsonEncoding.decodeRequest(json), 'it is not what protobufjs and JSON make of it');
    holdWritten('proto', encoding, read);
    return made;
  },
  most: { steps: 500, memory: 200, made: 5 },
};

export default target;
