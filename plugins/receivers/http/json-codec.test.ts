import { describe, expect, it } from 'vitest';
import { jsonCodec } from './json-codec.ts';

const decode = (text: string) => jsonCodec.decodeRequest(Buffer.from(text));

describe('OTLP/JSON', () => {
  it('may have field names as in the .proto files; other texts stay as they are', () => {
    const inProto = { resource_metrics: [{ scope_metrics: [{ metrics: [{ name: 'a_b', unit: '"c_d": 1' }] }] }] };
    const inCamel = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'a_b', unit: '"c_d": 1' }] }] }] };
    expect(decode(JSON.stringify(inProto))).toEqual(inCamel);
    expect(decode(JSON.stringify(inProto, null, 2))).toEqual(inCamel);
    expect(decode(JSON.stringify(inCamel))).toEqual(inCamel);
  });

  it('may begin with a byte order mark', () => expect(decode('\uFEFF{}')).toEqual({}));

  it.each(['', '{', '[]', 'null', '5'])('is not %j', (text) => {
    expect(() => decode(text)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining('not valid OTLP/JSON') }),
    );
  });

  it('is UTF-8', () => {
    const bytes = Buffer.from('{"schemaUrl":"é"}', 'latin1');
    expect(() => jsonCodec.decodeRequest(bytes)).toThrow('not valid OTLP/JSON');
  });

  it('is malformed where it nests without end in the names of the .proto files', () => {
    const text = `{"resource_metrics":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(() => decode(text)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('answers with a partial success, its number as text', () => {
    expect(jsonCodec.encodeResponse(undefined)).toBe('{}');
    expect(jsonCodec.encodeResponse({ rejectedDataPoints: 3, errorMessage: 'why' })).toBe(
      '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"why"}}',
    );
  });
});
