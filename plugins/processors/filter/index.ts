import { definePlugin, describeRun, emitsOf, type Run, transform } from 'wattline/plugin';
import { testOf } from './conditions.ts';
import { type Condition, configSchema } from './settings.ts';

const dropped = {
  name: 'wattline_filter_dropped_total',
  unit: '{run}',
  description: 'Runs that a filter has dropped, slices of live streams among them, by `processor`',
} as const;

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'filter',
  stability: 'beta',
  configSchema,
  emits: emitsOf([dropped]),
  create({ id, meter, next, skip }, config) {
    const { name, ...rest } = dropped;
    const counter = meter.createCounter(name, rest);
    const count = (runs: number) => counter.add(runs, { processor: id });
    count(0);
    const noFigure = (item: string, run: Run) =>
      skip({
        item,
        reason: 'no_figure',
        message: `${describeRun(run)} has no \`${item}\` to compare; the processor that adds it must come before \`${id}\``,
      });
    const testsOf = (conditions: readonly Condition[]) => conditions.map((one) => testOf(one, noFigure));
    const keep = config.keep && testsOf(config.keep);
    const drop = testsOf(config.drop ?? []);
    const isKept = (run: Run) => (!keep || keep.some((test) => test(run))) && !drop.some((test) => test(run));
    return transform(next, (run) => {
      if (isKept(run)) return run;
      count(1);
      // Slices belong together, and `totals` must get each, even an empty one.
      return run.isSlice ? run.bare() : undefined;
    });
  },
});
