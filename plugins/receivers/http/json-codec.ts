import { messageOf } from 'wattline/plugin';
import { RequestError } from './answer.ts';
import type { Codec } from './codec.ts';
import type { Message } from './message.ts';

const SNAKE_CASE_KEY = /"[a-z]+(?:_[a-z]+)+"\s*:/;

/** OTLP/JSON: field names in camelCase, or as in the .proto files; 64-bit integers as strings. */
export const jsonCodec: Codec = {
  contentType: 'application/json',
  decodeRequest(body) {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
      const value: unknown = JSON.parse(text);
      if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is not an object');
      return (SNAKE_CASE_KEY.test(text) ? inCamelCase(value) : value) as Message;
    } catch (error) {
      throw new RequestError(400, `the body is not valid OTLP/JSON: ${messageOf(error)}`, { cause: error });
    }
  },
  encodeResponse(partial) {
    if (!partial) return '{}';
    const { rejectedDataPoints, errorMessage } = partial;
    return JSON.stringify({ partialSuccess: { rejectedDataPoints: String(rejectedDataPoints), errorMessage } });
  },
  encodeStatus: (code, message) => JSON.stringify({ code, message }),
};

function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [camelCase(key), inCamelCase(item)]));
}

function camelCase(key: string): string {
  return key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
