import { messageOf, WattlineError } from '../errors.ts';
import { z } from '../plugin/index.ts';
import { modelNames } from './curves.ts';
import { outsideRules } from './envelope.ts';
import { featureNames, features } from './features.ts';
import type { Miss } from './jackknife.ts';
import type { FittedModel } from './model.ts';
import { adjustments } from './shared-shape.ts';
import type { TrainedModel, TrainedTarget } from './train.ts';
import { learntKinds, targets } from './training-runs.ts';

/** The version of the file's form; a file of another one is refused. */
const SCHEMA_VERSION = 1;

const count = z.int().min(0);
const share = z.number().min(0).max(1);

const curve = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('linear'), intercept: z.number(), slope: z.number() }),
  z.looseObject({
    kind: z.literal('power'),
    offset: z.number(),
    scale: z.number(),
    exponent: z.number(),
    to: z.number(),
  }),
  z
    .looseObject({
      kind: z.literal('monotone'),
      xs: z.array(z.number()).min(2),
      ys: z.array(z.number()),
      slopes: z.array(z.number()),
    })
    .refine(({ xs, ys, slopes }) => ys.length === xs.length && slopes.length === xs.length, {
      error: 'expected as many ys and slopes as xs',
    })
    .refine(({ xs }) => xs.every((x, i) => i === 0 || x > (xs[i - 1] as number)), { error: 'expected rising xs' }),
]);

const leftOut = z
  .looseObject({
    curves: z.array(curve),
    misses: z.array(z.looseObject({ curve: count, error: z.number() })).min(2),
  })
  .refine(({ curves, misses }) => misses.every((miss) => miss.curve < curves.length), {
    error: 'expected misses of curves that are there',
  })
  .refine(
    ({ misses }) =>
      misses.every((miss, i) => i === 0 || Math.abs(miss.error) >= Math.abs((misses[i - 1] as Miss).error)),
    {
      error: 'expected misses whose size rises',
    },
  );

const group = z
  .looseObject({
    curve,
    leftOut: leftOut.optional(),
    runs: count,
    from: z.number(),
    to: z.number(),
    r2: share,
    borrowed: z.looseObject({ by: z.enum(adjustments), amount: z.number(), groups: count }).optional(),
  })
  .refine(({ from, to }) => from <= to, { error: 'expected a range whose end is not before its start' });

const score = z.looseObject({
  runs: count,
  predicted: count,
  extrapolated: count,
  meanAbsoluteError: z.number().optional(),
  relativeError: z.number().optional(),
  drift: z.number().optional(),
  intervals: count,
  held: count,
  level: share.optional(),
});

const target = (unit: string) =>
  z.strictObject({
    unit: z.literal(unit),
    card: z.strictObject({
      kinds: z.partialRecord(z.enum(learntKinds), count),
      left_out: score.optional(),
    }),
    options: z.strictObject({
      model: z.enum(modelNames),
      leastDifferent: z.int().min(2),
      level: z.number().gt(0).lt(1),
      outside: z.enum(outsideRules),
      most: z.number().positive().optional(),
    }),
    groups: z.record(z.string(), group),
    typical: group.optional(),
  });

const schema = z
  .strictObject({
    schema_version: z.literal(SCHEMA_VERSION),
    wattline_version: z.string(),
    trained_at: z.iso.datetime(),
    files: count,
    feature: z.enum(featureNames),
    feature_unit: z.string(),
    group_by: z.array(z.string()),
    targets: z.strictObject({ power: target(targets.power.unit).optional(), cpu: target(targets.cpu.unit).optional() }),
  })
  .refine((file) => file.feature_unit === features[file.feature].unit, {
    error: 'expected the unit of the feature',
    path: ['feature_unit'],
  });

/** Returns the text of a model file. */
export function formatModelFile({
  feature,
  groupBy,
  targets,
  files,
  trainedAt,
  wattlineVersion,
}: TrainedModel): string {
  const file = {
    schema_version: SCHEMA_VERSION,
    wattline_version: wattlineVersion,
    trained_at: trainedAt,
    files,
    feature,
    feature_unit: features[feature].unit,
    group_by: groupBy,
    targets: {
      power: targets.power && targetFile(targets.power, 'W'),
      cpu: targets.cpu && targetFile(targets.cpu, '{cpu}'),
    },
  };
  return `${JSON.stringify(file, undefined, 1)}\n`;
}

function targetFile({ model, kinds, score }: TrainedTarget, unit: string) {
  const groups = Object.fromEntries([...model.groups].sort(([a], [b]) => (a < b ? -1 : 1)));
  return { unit, card: { kinds, left_out: score }, options: model.options, groups, typical: model.typical };
}

/** Returns the model that the text of a model file is; `name` is that of the file. Throws `MODEL_REFUSED` where it is none. */
export function parseModelFile(text: string, name: string): TrainedModel {
  const refuse = (why: string, cause?: unknown): never => {
    const message = `${name} is no model that can be used: ${why}; make one with \`wattline train\``;
    throw new WattlineError('MODEL_REFUSED', message, { cause });
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return refuse(messageOf(error), error);
  }
  const version = (json as { schema_version?: unknown } | null)?.schema_version;
  if (version !== SCHEMA_VERSION) {
    return refuse(`its \`schema_version\` is ${version ?? 'missing'}, and this Wattline reads ${SCHEMA_VERSION}`);
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success) return refuse(messageOf(parsed.error));
  const { feature, group_by, files, trained_at, wattline_version, targets } = parsed.data;
  return {
    feature,
    groupBy: group_by,
    files,
    trainedAt: trained_at,
    wattlineVersion: wattline_version,
    targets: {
      ...(targets.power && { power: trainedOf(targets.power) }),
      ...(targets.cpu && { cpu: trainedOf(targets.cpu) }),
    },
  };
}

function trainedOf({ card, options, groups, typical }: z.output<ReturnType<typeof target>>): TrainedTarget {
  const model = { options, groups: new Map(Object.entries(groups)), typical } as FittedModel;
  return { model, kinds: card.kinds, score: card.left_out as TrainedTarget['score'] };
}
