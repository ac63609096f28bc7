import { type Batch, definePlugin, describeRun, transform } from 'wattline/plugin';
import { testOf } from './conditions.ts';
import { type Condition, configSchema } from './settings.ts';

const dropped = {
  name: 'wattline_filter_dropped_total',
  unit: '{run}',
  description: 'Runs that a filter has dropped, slices of live streams among them, by `processor`',
} as const;

/** The mark of slices from `live`. Slices of a batch belong together, and `totals` must get each, even an empty one. */
const STREAM = 'stream.id';

export default definePlugin({
  kind: 'processor',
  type: 'filter',
  stability: 'beta',
  configSchema,
  emits: { [dropped.name]: { unit: dropped.unit, description: dropped.description } },
  create({ id, meter, next, skip }, config) {
    const { name, ...rest } = dropped;
    const counter = meter.createCounter(name, rest);
    const count = (runs: number) => counter.add(runs, { processor: id });
    count(0);
    const noFigure = (item: string, batch: Batch) =>
      skip({
        item,
        reason: 'no_figure',
        message: `${describeRun(batch)} has no \`${item}\` to compare; the processor that adds it must come before \`${id}\``,
      });
    const testsOf = (conditions: readonly Condition[]) => conditions.map((one) => testOf(one, noFigure));
    const keep = config.keep && testsOf(config.keep);
    const drop = testsOf(config.drop ?? []);
    const isKept = (batch: Batch) => (!keep || keep.some((test) => test(batch))) && !drop.some((test) => test(batch));
    return transform(next, (batch) => {
      if (isKept(batch)) return batch;
      count(1);
      return batch.resource.attributes[STREAM] === undefined ? undefined : { ...batch, scopeMetrics: [] };
    });
  },
});
