import { knownFigures } from 'wattline/figures';
import { definePlugin, emitsOf, figure, type Run, type SourceContext, transform, unitsOf, z } from 'wattline/plugin';
import { type Comparison, Savings } from './savings.ts';

const { totalCost, costSavings, costSavingsRatio, emissionsSavings, emissionsSavingsRatio } = knownFigures;

const cost: Comparison = {
  source: totalCost.name,
  madeBy: 'cost',
  missing: 'no_cost',
  expected: 'baseline_usd',
  saved: costSavings,
  ratio: costSavingsRatio,
};

const emissions: Comparison = {
  source: knownFigures.emissions.name,
  madeBy: 'co2',
  missing: 'no_emissions',
  expected: 'baseline_co2_kg',
  saved: emissionsSavings,
  ratio: emissionsSavingsRatio,
};

const configSchema = z.strictObject({
  baseline: z.string().min(1).describe('The name of the scenario that all other runs are compared with'),
  per: z
    .enum(['run', 'hour', 'watch_hour', 'pixel'])
    .default('run')
    .describe(
      'What counts as the same work: one run against one run (`run`), or as many hours (`hour`), hours of a stream (`watch_hour`) or pixels (`pixel`) as the run has',
    ),
});

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'savings',
  stability: 'beta',
  configSchema,
  reads: unitsOf([totalCost, knownFigures.emissions]),
  emits: emitsOf([costSavings, costSavingsRatio, emissionsSavings, emissionsSavingsRatio]),
  create: (ctx, config) => {
    const compared = [cost, emissions].map(
      (quantity) => [quantity, new Savings(quantity, config.baseline, config.per)] as const,
    );
    return transform(ctx.next, (run) => {
      const figures = compared.flatMap(([quantity, savings]) => savingsOf(run, quantity, savings, config, ctx));
      return run.with({ figures });
    });
  },
});

function savingsOf(run: Run, quantity: Comparison, savings: Savings, config: Config, ctx: SourceContext) {
  const found = savings.of(run);
  if (!found) return [];
  const without = ({ name }: { readonly name: string }, reason: string, problem: string): [] => {
    ctx.skip({ item: name, reason, message: `no ${name}: ${problem}` });
    return [];
  };
  if ('reason' in found) return without(quantity.saved, found.reason, found.problem);
  const { saved, ratio, lines } = found;
  const labels = { ...found.labels, baseline: config.baseline, per: config.per };
  ctx.explain?.(lines);
  return [
    figure(quantity.saved, saved, labels),
    ...(ratio === undefined
      ? without(quantity.ratio, 'zero_baseline', `the baseline \`${config.baseline}\` comes to 0`)
      : [figure(quantity.ratio, ratio, labels)]),
  ];
}
