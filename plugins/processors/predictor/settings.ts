import { reference, z } from 'wattline/plugin';
import { featureNames, learntKinds, modelNames, outsideRules } from 'wattline/prediction';
import { targetNames } from './target.ts';

const training = z
  .strictObject({
    include: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Globs of results files with runs to learn from before the first run arrives, relative to the configuration file',
      ),
    model: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A model file that `wattline train` has made, relative to the configuration file: it predicts groups that have too few runs of their own; its feature and its groups must be those of this predictor',
      ),
    power: z
      .array(z.enum(learntKinds))
      .nonempty()
      .default(['measured'])
      .describe(
        'How the power of the runs came about that are learnt from: `measured` by a meter, `modelled` of the utilisation; of what is predicted nothing is ever learnt',
      ),
    max_runs: z
      .int()
      .positive()
      .default(10_000)
      .describe('How many runs to learn from in all groups together, those with the latest start'),
    min_distinct_streams: z
      .int()
      .min(2)
      .default(3)
      .describe(
        'How many different values of the feature, such as numbers of streams, the runs of a group must have before anything is predicted, at least 2',
      ),
  })
  .prefault({});

export const configSchema = z.strictObject({
  model: z
    .enum(modelNames)
    .default('auto')
    .describe(
      'The kind of curve through the runs of a group: a straight line (`linear`), `a + b·x^c` (`power`, from 3 different values), a piecewise cubic that never falls (`monotone`, from 4), or the last two by the number of values (`auto`)',
    ),
  feature: z.enum(featureNames).default('streams').describe('The number of a run that power and CPU time depend on'),
  group_by: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Resource attributes, such as `host.name` and `encoder`: runs learn only from those with the same values of them',
    ),
  max_groups: z.int().positive().default(100).describe('How many groups have a model, those with the most runs'),
  targets: z
    .array(z.enum(targetNames))
    .nonempty()
    .default(['power', 'cpu'])
    .refine((targets) => targets.includes('power'), {
      error: 'expected `power` among them: CPU time is predicted of runs whose power is',
    })
    .describe(
      'What is predicted: the power of runs without (`power`), and the CPU time of those of them that have no CPU samples either (`cpu`), so that they have a total cost; a run with power gets no CPU time',
    ),
  predict: z
    .enum(['missing', 'always'])
    .default('missing')
    .describe(
      'Which runs get a predicted power: those without power of their own (`missing`), or the others too (`always`), as the attribute `power.predicted_watts` alone; `energy` with `fill: predicted` needs it',
    ),
  interval_level: z
    .number()
    .min(0.5)
    .max(0.99)
    .default(0.9)
    .describe('The level of intervals, 0.5 to 0.99; of n runs at most n / (n + 1) is claimed'),
  outside_range: z
    .enum(outsideRules)
    .default('widen')
    .describe(
      'What becomes of a prediction outside of the range that was learnt from: said as such (`flag`), with an interval that grows by what the curve changes beyond the range (`widen`), or none (`refuse`)',
    ),
  max_watts: z
    .number()
    .positive()
    .optional()
    .describe(
      'The most that the host can draw in watts; a prediction above is refused, and no interval goes beyond; without it that of the model file counts for what is predicted by that',
    ),
  training,
  storage: reference('extension', 'storage')
    .optional()
    .describe('The extension that keeps what was learnt over a restart, such as `file_storage`'),
  state: z
    .string()
    .min(1)
    .optional()
    .describe('The name under which it is kept, that of no other predictor; the id of this one where left out'),
});

export type PredictorConfig = z.infer<typeof configSchema>;
