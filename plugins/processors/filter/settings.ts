import { foreignKeys, ignored, type Pattern, pattern, refused, z } from 'wattline/plugin';

type Scalar = string | number | boolean;

/** A condition on runs: one of `attribute`, `figure`, `all` and `not`, with tests for the first two. */
export interface Condition {
  readonly attribute?: string | undefined;
  readonly figure?: string | undefined;
  readonly all?: readonly Condition[] | undefined;
  readonly not?: Condition | undefined;
  readonly equals?: Scalar | undefined;
  readonly in?: readonly Scalar[] | undefined;
  readonly matches?: Pattern | undefined;
  readonly exists?: boolean | undefined;
  readonly above?: number | undefined;
  readonly below?: number | undefined;
}

const IN_OWN_WORDS = refused('write conditions on the attributes and figures of runs under `keep` and `drop`');
const METRICS_ONLY = ignored('there are metrics alone');

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const subjects = ['attribute', 'figure', 'all', 'not'] as const;
const ofNumbers = ['exists', 'above', 'below'] as const;
const ofTexts = ['equals', 'in', 'matches'] as const;
const tests = [...ofTexts, ...ofNumbers] as const;

const condition: z.ZodType<Condition> = z
  .strictObject({
    attribute: z
      .string()
      .min(1)
      .optional()
      .describe(
        'An attribute of the run, such as `scenario` or `run.avg_fps`; `service.name` stands in for `scenario` and `cloud.region` for `region`, as in the labels',
      ),
    figure: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A figure of the run, such as `cost_total_load_aware`; of emissions by several methods the one by location',
      ),
    get all(): z.ZodOptional<z.ZodArray<z.ZodType<Condition>>> {
      return z.array(condition).min(1).optional().describe('Conditions that must all hold');
    },
    get not(): z.ZodOptional<z.ZodType<Condition>> {
      return condition.optional().describe('A condition that must not hold');
    },
    equals: scalar
      .optional()
      .describe('What the attribute must be, compared as text, as labels are: `30` and `"30"` are the same'),
    in: z.array(scalar).min(1).optional().describe('What the attribute must be one of, compared as text'),
    matches: pattern()
      .optional()
      .describe('A regular expression (RE2) that must be found in the attribute, anywhere unless it has `^` and `$`'),
    exists: z
      .boolean()
      .optional()
      .describe('Whether the run must have the attribute or figure (`true`), or must not (`false`)'),
    above: z
      .number()
      .optional()
      .describe('What it must be greater than, as a number; text is none, which `convert` of `attributes` changes'),
    below: z.number().optional().describe('What it must be less than, as a number'),
  })
  .superRefine(isComplete, { when: ({ issues }) => issues.length === 0 });

export const configSchema = z
  .strictObject({
    keep: z
      .array(condition)
      .min(1)
      .optional()
      .describe('Conditions of which a run must meet at least one; without them all runs are kept'),
    drop: z.array(condition).min(1).optional().describe('Conditions of which a run must meet none'),
  })
  .refine(({ keep, drop }) => keep || drop, { error: 'expected `keep` or `drop`, or both' })
  .meta(
    foreignKeys({
      metrics: IN_OWN_WORDS,
      metric_conditions: IN_OWN_WORDS,
      error_mode: ignored('a condition that cannot be tested does not hold'),
      traces: METRICS_ONLY,
      spans: METRICS_ONLY,
      spanevents: METRICS_ONLY,
      trace_conditions: METRICS_ONLY,
      logs: METRICS_ONLY,
      log_conditions: METRICS_ONLY,
      profiles: METRICS_ONLY,
      profile_conditions: METRICS_ONLY,
    }),
  );

/** Reports missing and excess keys of a condition whose keys are valid one by one. */
function isComplete(value: Condition, ctx: z.RefinementCtx): void {
  const report = (message: string, key?: keyof Condition) =>
    ctx.addIssue({ code: 'custom', message, path: key ? [key] : [], input: key ? value[key] : value });
  const [subject, ...others] = subjects.filter((name) => value[name] !== undefined);
  if (!subject || others.length) {
    report(`expected one of ${listed(subjects)}`);
    return;
  }
  const able: readonly string[] = subject === 'attribute' ? tests : subject === 'figure' ? ofNumbers : [];
  const wanted = able.length
    ? `expected a test of the ${subject}: ${listed(able)}`
    : `expected tests within \`${subject}\` only`;
  const used = tests.filter((name) => value[name] !== undefined);
  if (used.length === 0 && able.length) report(wanted);
  for (const name of used) if (!able.includes(name)) report(wanted, name);
  if (value.exists === false && used.length > 1) report('expected no other test of what must not exist', 'exists');
}

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
