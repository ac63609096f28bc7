import { type Batch, definePlugin, extendRun, figureGauge, type SourceContext, transform, z } from 'wattline/plugin';
import { type Quantity, Savings } from './savings.ts';

const cost: Quantity = {
  source: 'cost_total_load_aware',
  madeBy: 'cost',
  missing: 'no_cost',
  expected: 'baseline_usd',
  saved: {
    name: 'cost_savings_usd',
    unit: '{USD}',
    description:
      'What the baseline would have cost for the same work, less what the run cost, in USD; below 0 where the run cost more',
  },
  ratio: {
    name: 'cost_savings_ratio',
    unit: '1',
    description: 'The part of what the baseline would have cost for the same work that the run saved: 0.2 is a fifth',
  },
};

const emissions: Quantity = {
  source: 'co2_emissions_kg',
  madeBy: 'co2',
  missing: 'no_emissions',
  expected: 'baseline_co2_kg',
  saved: {
    name: 'co2_savings_kg',
    unit: 'kg{CO2e}',
    description:
      'What the baseline would have emitted for the same work, less what the run did, in kg of CO2 equivalent; below 0 where the run emitted more',
  },
  ratio: {
    name: 'co2_savings_ratio',
    unit: '1',
    description: 'The part of what the baseline would have emitted for the same work that the run saved',
  },
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
  kind: 'processor',
  type: 'savings',
  stability: 'beta',
  configSchema,
  reads: { cost_total_load_aware: '{USD}', co2_emissions_kg: 'kg{CO2e}' },
  emits: Object.fromEntries(
    [cost, emissions]
      .flatMap(({ saved, ratio }) => [saved, ratio])
      .map(({ name, unit, description }) => [name, { unit, description }]),
  ),
  create: (ctx, config) => {
    const compared = [cost, emissions].map(
      (quantity) => [quantity, new Savings(quantity, config.baseline, config.per)] as const,
    );
    return transform(ctx.next, (batch) => {
      const metrics = compared.flatMap(([quantity, savings]) => savingsOf(batch, quantity, savings, config, ctx));
      return extendRun(batch, 'wattline/savings', metrics);
    });
  },
});

function savingsOf(batch: Batch, quantity: Quantity, savings: Savings, config: Config, ctx: SourceContext) {
  const found = savings.of(batch);
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
    figureGauge(quantity.saved, saved, batch, labels),
    ...(ratio === undefined
      ? without(quantity.ratio, 'zero_baseline', `the baseline \`${config.baseline}\` comes to 0`)
      : [figureGauge(quantity.ratio, ratio, batch, labels)]),
  ];
}
