import type { ZodType, z } from 'zod';
import { countOf } from '../count.ts';
import { marksOf } from './schema-at.ts';

const NOUNS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
};
const PARTS: Readonly<Record<string, string>> = { string: 'character', array: 'item', set: 'item' };
const FORMATS: Readonly<Record<string, string>> = {
  url: 'a URL such as http://127.0.0.1:8428',
  regex: 'a text of another form',
  email: 'an e-mail address',
};

/** Returns what a schema expects, in terms of YAML rather than zod; undefined keeps zod's message. */
export function expectation(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${NOUNS[issue.expected] ?? issue.expected}${inQuotes(issue)}`;
    case 'invalid_value':
      return `expected ${issue.values.length > 1 ? 'one of ' : ''}${[...new Set(issue.values.map(String))].join(', ')}`;
    case 'too_small':
      return `expected ${sized(issue.origin, issue.inclusive ? 'at least' : 'more than', issue.minimum)}`;
    case 'too_big':
      return `expected ${sized(issue.origin, issue.inclusive ? 'at most' : 'less than', issue.maximum)}`;
    case 'invalid_format':
      return `expected ${FORMATS[issue.format] ?? `a text in the form of ${issue.format}`}`;
    case 'not_multiple_of':
      return `expected a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return Array.isArray(issue.options) ? `expected one of ${issue.options.join(', ')}` : undefined;
    case 'unrecognized_keys':
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return undefined;
  }
}

/** YAML reads `0123` as a number and `true` as a boolean; quotes keep them text. */
function inQuotes({ expected, input, inst }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>): string {
  if (expected !== 'string' || (typeof input !== 'number' && typeof input !== 'boolean')) return '';
  return marksOf(inst as ZodType)?.secret ? ', in quotes' : `, in quotes: "${input}"`;
}

function sized(origin: string, bound: string, limit: number | bigint): string {
  const part = PARTS[origin];
  if (!part) return `a number of ${bound} ${limit}`;
  if (limit === 1 && bound === 'at least')
    return origin === 'string' ? 'a text that is not empty' : `${bound} one ${part}`;
  return `${bound} ${countOf(limit, part)}`;
}
