import { z } from 'wattline/plugin';
import { actions, anchored } from './relabel.ts';

const TARGETED: ReadonlySet<string> = new Set([
  'replace',
  'keepequal',
  'dropequal',
  'hashmod',
  'lowercase',
  'uppercase',
]);
const ON_NAMES: ReadonlySet<string> = new Set(['labelmap', 'labeldrop', 'labelkeep']);

/** A text that YAML may take for something else: `regex: true` stands in many configurations. */
const text = () => z.union([z.string(), z.boolean(), z.int()], { error: 'expected a text' }).transform(String);

/** A rule of relabelling, in the words of Prometheus. */
export const relabelRule = z
  .strictObject({
    action: z.enum(actions).default('replace').describe('What is done'),
    source_labels: z.array(z.string().min(1)).default([]).describe('The labels whose values are joined'),
    separator: z.string().default(';').describe('What stands between them'),
    regex: text()
      .refine(isRegex, { error: 'expected a regular expression in the syntax of RE2' })
      .prefault('(.*)')
      .describe('What the whole value must match, or for `labelmap`, `labeldrop` and `labelkeep` the whole name'),
    target_label: z.string().default('').describe('The label that is set, or compared'),
    replacement: text()
      .prefault('$1')
      .describe('What `replace` sets and `labelmap` names, with `$1` and `$${name}` for groups of `regex`'),
    modulus: z
      .number()
      .int()
      .min(0)
      .max(Number.MAX_SAFE_INTEGER)
      .default(0)
      .describe('How many parts `hashmod` makes; above 0 for it'),
  })
  .superRefine(({ action, target_label, source_labels, modulus }, ctx) => {
    const refuse = (key: string, message: string, input: unknown) =>
      ctx.addIssue({ code: 'custom', path: [key], message, input });
    if (TARGETED.has(action) && target_label === '')
      refuse('target_label', `expected a label, which the action \`${action}\` sets or compares`, target_label);
    if (action === 'hashmod' && modulus === 0) refuse('modulus', 'expected a number above 0', modulus);
    if (ON_NAMES.has(action) && source_labels.length > 0)
      refuse('source_labels', `expected none, since \`${action}\` looks at the names of all labels`, source_labels);
  })
  .meta({ id: 'prometheus_relabel_config' });

function isRegex(text: string): boolean {
  try {
    anchored(text);
    return true;
  } catch {
    return false;
  }
}
