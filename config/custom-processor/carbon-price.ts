import { definePlugin, extendRun, figureGauge, findFigure, transform, z } from 'wattline/plugin';

const price = {
  name: 'co2_price_usd',
  unit: '{USD}',
  description: 'What the emissions of a run cost internally, in USD',
};

export default definePlugin({
  kind: 'processor',
  type: 'carbon_price',
  stability: 'development',
  configSchema: z.strictObject({
    usd_per_tonne: z.number().min(0).describe('Internal price of a tonne of CO2e, in USD'),
  }),
  emits: { [price.name]: { unit: price.unit, description: price.description } },
  create: (ctx, { usd_per_tonne }) =>
    transform(ctx.next, (batch) => {
      const emissions = findFigure(batch, 'co2_emissions_kg');
      if (!emissions) return batch; // missing is not zero
      const usd = (emissions.value / 1000) * usd_per_tonne;
      return extendRun(batch, 'carbon-price', [figureGauge(price, usd, batch, emissions.attributes)]);
    }),
});
