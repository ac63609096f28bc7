import { foreignKeys, pattern, refused, z } from 'wattline/plugin';

const OF_SOME = refused(
  'put it into a pipeline of its own, behind a processor `filter` that keeps the runs in question',
);
const ofAction = foreignKeys({
  from_context: refused('write `from_attribute`, since runs have attributes alone'),
});

const name = z.string().min(1);
const does =
  'What is done: `insert` (where the run has no such attribute), `update` (where it has), `upsert`, `delete`, `hash` (SHA-256), `rename`, `extract` or `convert`';
const found =
  'A regular expression (RE2): `delete` and `hash` take the attributes in whose names it is found, `extract` makes attributes of its named groups';
const key = name.describe('The attribute that the action is about');

const set = z
  .strictObject({
    action: z.enum(['insert', 'update', 'upsert']).describe(does),
    key,
    value: z
      .union([z.string(), z.number(), z.boolean()])
      .optional()
      .describe('What the attribute becomes with `insert`, `update` and `upsert`: a text, a number, or true or false'),
    from_attribute: name
      .optional()
      .describe('The attribute whose value it becomes in place of `value`, where the run has it'),
  })
  .refine(({ value, from_attribute }) => (value === undefined) !== (from_attribute === undefined), {
    error: 'expected either `value` or `from_attribute`',
  })
  .meta(ofAction);

const select = z
  .strictObject({
    action: z.enum(['delete', 'hash']).describe(does),
    key: key.optional(),
    pattern: pattern().optional().describe(found),
  })
  .refine(({ key, pattern }) => key !== undefined || pattern, { error: 'expected `key` or `pattern`, or both' });

const rename = z
  .strictObject({
    action: z.literal('rename').describe(does),
    key,
    new_key: name.describe('The new name of the attribute with `rename`'),
  })
  .refine((action) => action.key !== action.new_key, {
    error: 'expected a name other than the old one',
    path: ['new_key'],
  });

const extract = z.strictObject({
  action: z.literal('extract').describe(does),
  key,
  pattern: pattern()
    .refine(({ groupNames }) => groupNames.length > 0, {
      error: String.raw`expected a named group, as in (?P<bitrate>\d+k)`,
    })
    .describe(found),
});

const convert = z.strictObject({
  action: z.literal('convert').describe(does),
  key,
  converted_type: z
    .enum(['int', 'double', 'string'])
    .describe('The type that the value gets with `convert`: `int` (cut off behind the point), `double` or `string`'),
});

const action = z.discriminatedUnion('action', [set, select, rename, extract, convert]).meta({ id: 'attribute_action' });

export const configSchema = z
  .strictObject({
    actions: z
      .array(action)
      .min(1)
      .optional()
      .describe('What is done with the attributes of a run, one action after the other'),
    attributes: z
      .array(action)
      .min(1)
      .optional()
      .describe('More of them, under their name in the processor `resource`; one of the two keys is required'),
  })
  .superRefine(({ actions, attributes }, { issues }) => {
    if (actions ?? attributes) return;
    issues.push({ code: 'custom', input: undefined, path: ['actions'], message: 'expected a list' });
  })
  .meta(foreignKeys({ include: OF_SOME, exclude: OF_SOME }));

export type Action = z.output<typeof action>;
