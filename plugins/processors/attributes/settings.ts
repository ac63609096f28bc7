import { pattern, z } from 'wattline/plugin';

const name = z.string().min(1);
const key = name.describe('The attribute that the action is about');

const set = z
  .strictObject({
    action: z.enum(['insert', 'update', 'upsert']),
    key,
    value: z.union([z.string(), z.number(), z.boolean()]).optional().describe('What the attribute becomes'),
    from_attribute: name.optional().describe('The attribute whose value it becomes, if the run has it'),
  })
  .refine(({ value, from_attribute }) => (value === undefined) !== (from_attribute === undefined), {
    error: 'expected either `value` or `from_attribute`',
  });

const select = z
  .strictObject({
    action: z.enum(['delete', 'hash']),
    key: key.optional(),
    pattern: pattern().optional().describe('A regular expression (RE2) that is found in the names of the attributes'),
  })
  .refine(({ key, pattern }) => key !== undefined || pattern, { error: 'expected `key` or `pattern`, or both' });

const rename = z
  .strictObject({ action: z.literal('rename'), key, new_key: name.describe('The name that the attribute gets') })
  .refine((action) => action.key !== action.new_key, {
    error: 'expected another name than the old one',
    path: ['new_key'],
  });

const extract = z.strictObject({
  action: z.literal('extract'),
  key,
  pattern: pattern()
    .refine(({ groupNames }) => groupNames.length > 0, {
      error: String.raw`expected a named group, as in (?P<bitrate>\d+k)`,
    })
    .describe('A regular expression (RE2) whose named groups become attributes of these names'),
});

const convert = z.strictObject({
  action: z.literal('convert'),
  key,
  converted_type: z.enum(['int', 'double', 'string']).describe('The type that the value gets'),
});

export const configSchema = z.strictObject({
  actions: z
    .array(z.discriminatedUnion('action', [set, select, rename, extract, convert]))
    .min(1)
    .describe('What is done with the attributes of a run, one after the other'),
});

export type Action = z.output<typeof configSchema>['actions'][number];
