import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
import { jsonEncoding, type ReadResource } from '../../../src/otlp/index.ts';
import { hostileJson } from '../arbitraries/hostile-json.ts';
import { requests } from '../arbitraries/otlp-requests.ts';
import { jsonByProtobufjs } from '../arbitraries/otlp-schema.ts';
import { holdResources, holdSameAtOnce, holdWritten, isOtlpError, readUpToLimits } from '../hold-resources.ts';
import { hold, holdSame, type Target } from '../target.ts';

const POINT = '{"timeUnixNano":"1766947958000000000","asDouble":#.5}';
const METRIC = `{"name":"m#","gauge":{"dataPoints":[${POINT}]}}`;
const inMetrics = { begin: '{"resourceMetrics":[{"scopeMetrics":[{"metrics":[', end: '{}]}]}]}' };

/** OTLP requests in JSON, as the http receiver reads them. */
const target: Target<ReadResource[]> = {
  name: 'otlp-json',
  weight: 3,
  generated: fc.oneof(
    { weight: 4, arbitrary: requests.map(asJson) },
    { weight: 1, arbitrary: hostileJson(20_000).map((text) => Buffer.from(text)) },
  ),
  words: [
    ...['{', '}', '[', ']', '"', ',', ':', '\\', '\\u0000', '\\ud800', '\uFEFF', 'null', 'true', '1e400', '-0', '01'],
    ...['{},', '"a":[[]],', '"asInt":"1",', '"as_double":"NaN",', '"__proto__":{},', '"flags":1,', '"intValue":"9"'],
  ],
  growing: [
    { ...inMetrics, part: `${METRIC},` },
    { begin: `{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[`, part: `${POINT},` },
    { begin: '{"resourceMetrics":[', part: '{},' },
    { begin: '{"unknown":[', part: '{"a#":[]},' },
    { begin: '{', part: '"a#":1,' },
    { begin: '{"a":"', part: '\\n', end: '"}' },
    { part: ' ' },
  ],
  read: (bytes) => readUpToLimits(jsonEncoding, bytes),
  isRefusal: isOtlpError,
  check(read, bytes) {
    const made = holdResources(read);
    holdSameAtOnce(jsonEncoding, bytes, read);
    holdJson(read, bytes);
    holdWritten('json', jsonEncoding, read);
    return made;
  },
  most: { steps: 500, memory: 200, made: 5 },
};

export default target;

function asJson(request: Buffer): Buffer {
  return jsonByProtobufjs(request) ?? Buffer.from('{"resourceMetrics":[]}');
}

/** Throws where `JSON.parse` refuses what was read, or what it makes of the text is read as something else. */
function holdJson(read: readonly ReadResource[], bytes: Buffer): void {
  hold(isUtf8(bytes), 'it is read though it is not UTF-8');
  const text = bytes.toString().replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    hold(false, `it is read though it is not JSON: ${error}`);
  }
  if (isLossy(text, value)) return;
  const plain = jsonEncoding.decodeRequest(Buffer.from(JSON.stringify(value)));
  holdSame(read, plain, 'it is not what JSON.parse makes of it');
}

/** Whether `JSON.stringify` loses something: a key that comes twice, the sign of 0, what is beyond doubles, the order of keys. */
function isLossy(text: string, value: unknown): boolean {
  const strings = text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g);
  const written = [...strings].filter(([, colon]) => colon !== undefined).length;
  let [keys, isOdd] = [0, false];
  JSON.stringify(value, (key, item) => {
    if (typeof item === 'object' && item !== null && !Array.isArray(item)) keys += Object.keys(item).length;
    isOdd ||= /^\d+$/.test(key) || (typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0)));
    return item;
  });
  return keys !== written || isOdd;
}
