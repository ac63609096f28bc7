import { findFigure } from 'wattline/figures';
import { definePlugin, figure, transform, z } from 'wattline/plugin';

const price = {
  name: 'co2_price_usd',
  unit: '{USD}',
  description: 'What the emissions of a run cost internally, in USD',
  scope: 'carbon-price',
};

export default definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'carbon_price',
  stability: 'development',
  configSchema: z.strictObject({
    usd_per_tonne: z.number().min(0).describe('Internal price of a tonne of CO2e, in USD'),
  }),
  emits: { [price.name]: { unit: price.unit, description: price.description } },
  create: (ctx, { usd_per_tonne }) =>
    transform(ctx.next, (run) => {
      const emissions = findFigure(run, 'co2_emissions_kg');
      if (!emissions) return run; // missing is not zero
      const usd = (emissions.value / 1000) * usd_per_tonne;
      return run.with({ figures: [figure(price, usd, emissions.labels)] });
    }),
});
