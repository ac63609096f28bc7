import { factorsAreSound, plausibleSetting, regionIsKnown, regionSettings } from 'wattline/figures';
import { z } from 'wattline/plugin';

export const configSchema = z
  .strictObject({
    fill: z
      .enum(['none', 'mean', 'predicted'])
      .default('none')
      .describe(
        'What is assumed for the time of a run without samples: nothing (`none`), the mean of those that there are (`mean`), or the power that a predictor with `predict: always` gives (`predicted`); it is a figure of its own, and changes no other',
      ),
    warn_below: z
      .number()
      .min(0)
      .max(1)
      .default(0.9)
      .describe('Runs of which a smaller part has samples are counted and logged as `low_coverage`'),
    pue: z
      .union([z.number().min(1), z.literal('region')])
      .default(1)
      .describe(
        'Energy at the meter of the data centre by that of the machine (power usage effectiveness), or `region` for that of the region; cost and CO₂ are of the energy at the meter. Not applied to runs with the attribute `boundary: facility`',
      ),
    plausible: plausibleSetting,
    ...regionSettings,
  })
  .check(regionIsKnown, factorsAreSound('pue'));

export type EnergyConfig = z.output<typeof configSchema>;
