import { mayLack } from 'wattline/figures';
import { definePlugin, hostPower, type StoredState, transform, unitsOf } from 'wattline/plugin';
import { features } from 'wattline/prediction';
import { extrapolatedCounter, observePredictor, predictorGauges } from './gauges.ts';
import { Learner } from './learner.ts';
import { lendModels } from './model-file.ts';
import { type Learners, Predictor } from './predictor.ts';
import { configSchema, type PredictorConfig } from './settings.ts';
import { trainFromFiles } from './training-files.ts';
import { Upkeep } from './upkeep.ts';

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'predictor',
  stability: 'beta',
  configSchema,
  reads: unitsOf([hostPower]),
  emits: {
    'hw.host.power': {
      unit: 'W',
      description:
        'Predicted power of a run that has none, at its start and after its duration; its figures have the label `power="predicted"`',
    },
    'container.cpu.usage': {
      unit: '{cpu}',
      description:
        'Predicted CPU cores in use of a run that has neither power nor CPU samples, at the same times; it has the attribute `cpu="predicted"`',
    },
    ...predictorGauges,
    ...extrapolatedCounter,
  },
  create: (ctx, config) => {
    const { training, storage, state: name = ctx.id, feature, group_by: groupBy } = config;
    const learners = learnersOf(config);
    const onExtrapolated = observePredictor(ctx, learners, feature, groupBy.length > 0);
    const options = {
      feature,
      groupBy,
      learntKinds: training.power,
      predictsAlways: config.predict === 'always',
    };
    const predictor = new Predictor(learners, options, { ...ctx, onExtrapolated });
    const states = ctx.states(storage);
    const upkeep = new Upkeep(learners, {
      lesson: JSON.stringify([feature, groupBy, training.power]),
      savesSoon: storage !== undefined,
      warn: (message) => ctx.logger.warn(message),
    });
    return {
      ...transform(ctx.next, (run) => {
        // The power of a machine is measured around all that runs on it: nothing is made up beside it, or learnt from it.
        if (run.isSlice || mayLack(run, hostPower)) return run;
        const made = predictor.apply(run);
        upkeep.soon();
        return made;
      }),
      async start() {
        if (training.model !== undefined) {
          await lendModels(ctx.resolvePath(training.model), learners, { feature, groupBy });
        }
        const state = await openState(() => states.openState(name, 'predictor'), storage !== undefined);
        if (state) await upkeep.start(state);
        await trainFromFiles(training.include, predictor, ctx);
        upkeep.soon();
      },
      shutdown: () => upkeep.shutdown(),
    };
  },
});

function learnersOf({ model, training, targets, feature, ...config }: PredictorConfig): Learners {
  const options = {
    model,
    leastDifferent: training.min_distinct_streams,
    level: config.interval_level,
    outside: config.outside_range,
    maxRuns: training.max_runs,
    maxGroups: config.max_groups,
  };
  // CPU time that depends on CPU use is never missing where the feature is known.
  const isOfCpu = features[feature].reads.includes('cores');
  return {
    ...(targets.includes('power') && { power: new Learner({ ...options, most: config.max_watts }) }),
    ...(targets.includes('cpu') && !isOfCpu && { cpu: new Learner(options) }),
  };
}

/** Opens a state. One in memory may be in use by the same predictor of another pipeline, and is then done without. */
async function openState(open: () => Promise<StoredState>, isRequired: boolean): Promise<StoredState | undefined> {
  try {
    return await open();
  } catch (error) {
    if (isRequired) throw error;
    return undefined;
  }
}
