import { knownFigures } from 'wattline/figures';
import { definePlugin, emitsOf, transform, unitsOf, z } from 'wattline/plugin';
import { type Quantity, Savings } from './savings.ts';

const { totalCost, emissions } = knownFigures;
const { costSavings, costSavingsRatio, emissionsSavings, emissionsSavingsRatio } = knownFigures;

const quantities: readonly Quantity[] = [
  {
    source: totalCost.name,
    madeBy: 'cost',
    missing: 'no_cost',
    expected: 'baseline_usd',
    saved: costSavings,
    ratio: costSavingsRatio,
  },
  {
    source: emissions.name,
    madeBy: 'co2',
    missing: 'no_emissions',
    expected: 'baseline_co2_kg',
    saved: emissionsSavings,
    ratio: emissionsSavingsRatio,
  },
];

const configSchema = z.strictObject({
  baseline: z.string().min(1).describe('The name of the scenario that all other runs are compared with'),
  per: z
    .enum(['run', 'hour', 'watch_hour', 'pixel'])
    .default('run')
    .describe(
      'What counts as the same work: one run against one run (`run`), or as many hours (`hour`), hours of a stream (`watch_hour`) or pixels (`pixel`) as the run has',
    ),
});

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'savings',
  stability: 'beta',
  configSchema,
  reads: unitsOf([totalCost, emissions]),
  emits: emitsOf([costSavings, costSavingsRatio, emissionsSavings, emissionsSavingsRatio]),
  create: (ctx, config) => {
    const compared = quantities.map((quantity) => new Savings(quantity, config, ctx));
    return transform(ctx.next, (run) => run.with({ figures: compared.flatMap((savings) => savings.of(run)) }));
  },
});
