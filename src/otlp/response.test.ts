import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonEncoding, OtlpError, protobufEncoding } from './index.ts';

const encodings = [protobufEncoding(), jsonEncoding];
const text = fc.string({ unit: 'grapheme' });

describe.each(encodings.map((encoding) => [encoding.contentType, encoding] as const))('in %s', (_, encoding) => {
  it('a partial success is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(), text, (rejectedDataPoints, errorMessage) => {
        const partial = { rejectedDataPoints, errorMessage };
        const isNone = rejectedDataPoints === 0 && errorMessage === '';
        const read = encoding.decodeResponse(Buffer.from(encoding.encodeResponse(partial)));
        expect(read).toEqual(isNone ? undefined : partial);
      }),
    );
  });

  it('a whole success is no partial one', () => {
    expect(encoding.decodeResponse(Buffer.from(encoding.encodeResponse(undefined)))).toBeUndefined();
  });

  it('a status is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(16), text, (code, message) => {
        expect(encoding.decodeStatus(Buffer.from(encoding.encodeStatus({ code, message })))).toEqual({ code, message });
      }),
    );
  });

  it('anything else is malformed', () => {
    expect(() => encoding.decodeStatus(Buffer.from('[]'))).toThrow(OtlpError);
    expect(() => encoding.decodeResponse(Buffer.from('thank you'))).toThrow(OtlpError);
  });
});

it('the code of a status is a number, however many bits are sent', () => {
  const code = [0x08, 0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20];
  expect(protobufEncoding().decodeStatus(Buffer.from(code)).code).toBe(5);
});

it('in JSON its number is text', () => {
  expect(jsonEncoding.encodeResponse(undefined)).toBe('{}');
  expect(jsonEncoding.encodeResponse({ rejectedDataPoints: 3, errorMessage: 'why' })).toBe(
    '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"why"}}',
  );
});

it('a status that is to be tried again says so in the bytes of `google.rpc.RetryInfo`', () => {
  const bytes = Buffer.from(protobufEncoding().encodeStatus({ code: 14, message: 'later', retryAfter: 2 }));
  expect(protobufEncoding().decodeStatus(bytes)).toEqual({ code: 14, message: 'later' });
  // Any { type_url, value: RetryInfo { retry_delay: Duration { seconds: 2 } } } as the field `details`.
  const url = 'type.googleapis.com/google.rpc.RetryInfo';
  const any = Buffer.concat([
    Buffer.from([0x0a, url.length]),
    Buffer.from(url),
    Buffer.from([0x12, 4, 0x0a, 2, 0x08, 2]),
  ]);
  expect(bytes.subarray(-any.length - 2)).toEqual(Buffer.concat([Buffer.from([0x1a, any.length]), any]));
});
