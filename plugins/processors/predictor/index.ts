import { mayLack } from 'wattline/figures';
import { definePlugin, hostPower, transform, unitsOf, z } from 'wattline/plugin';
import { observePredictor, predictorGauges } from './gauges.ts';
import { Predictor } from './predictor.ts';
import { trainFromFiles } from './training-files.ts';
import { TrainingSet } from './training-set.ts';

const configSchema = z.strictObject({
  model: z
    .enum(['linear'])
    .default('linear')
    .describe('The kind of model: `linear`, ordinary least squares of mean power on the number of streams'),
  predict: z
    .enum(['missing', 'always'])
    .default('missing')
    .describe(
      'Which runs get a predicted power: those without power of their own (`missing`), or the others too (`always`), as the attribute `power.predicted_watts` alone; `energy` with `fill: predicted` needs it',
    ),
  training: z
    .strictObject({
      include: z
        .array(z.string().min(1))
        .default([])
        .describe(
          'Globs of results files with runs to learn from before the first run arrives, relative to the configuration file',
        ),
      power: z
        .array(z.enum(['measured', 'modelled']))
        .nonempty()
        .default(['measured'])
        .describe(
          'How the power of the runs came about that are learnt from: `measured` by a meter, `modelled` of the utilisation; of predicted power nothing is ever learnt',
        ),
      max_runs: z.int().positive().default(10_000).describe('How many runs to learn from, the latest ones'),
      min_distinct_streams: z
        .int()
        .min(2)
        .default(3)
        .describe(
          'How many different numbers of streams the runs must have that are learnt from before anything is predicted, at least 2',
        ),
    })
    .prefault({}),
});

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'predictor',
  stability: 'beta',
  overlaps: true,
  configSchema,
  reads: unitsOf([hostPower]),
  emits: {
    'hw.host.power': {
      unit: 'W',
      description:
        'Predicted power of a run that has none, at its start and after its duration; its figures have the label `power="predicted"`',
    },
    ...predictorGauges,
  },
  create: (ctx, { training, predict }) => {
    const set = new TrainingSet({ minDistinct: training.min_distinct_streams, maxRuns: training.max_runs });
    const predictor = new Predictor(set, training.power, ctx);
    observePredictor(ctx, set);
    return {
      ...transform(ctx.next, (run) => {
        // The power of a machine is measured around all that runs on it: nothing is made up beside it, or learnt from it.
        if (run.isSlice || mayLack(run, hostPower)) return run;
        const powered = predictor.withPower(run);
        return predict === 'always' ? predictor.withPrediction(powered) : powered;
      }),
      start: () => trainFromFiles(training.include, predictor, ctx),
    };
  },
});
