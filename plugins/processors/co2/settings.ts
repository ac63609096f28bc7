import {
  datasetSetting,
  factorSettings,
  factorsAreSound,
  maxRunDuration,
  plausibleSetting,
  regionIsKnown,
  regionSettings,
  restatementSetting,
} from 'wattline/figures';
import { reference, z } from 'wattline/plugin';

const marketSettings = z.strictObject({
  kg_per_kwh: z.number().min(0).describe('Carbon intensity in kg CO₂e/kWh of the electricity that was bought'),
  source: z.string().min(1).describe('The contract, tariff or certificates that say so, for the record'),
  year: z.int().min(1900).max(2200).optional().describe('The year that they are of, for the record'),
});

export const configSchema = z
  .strictObject({
    ...regionSettings,
    dataset: datasetSetting,
    kg_per_kwh: z
      .number()
      .min(0)
      .optional()
      .describe('Carbon intensity of electricity in kg CO₂e/kWh, in place of the region’s'),
    intensity: factorSettings('intensity')
      .optional()
      .describe(
        'Intensities over time, in place of the region’s: a list like `price` of the processor `cost`, each entry with `kg_per_kwh`, `tariff` (a day profile) or `file`; where they know none `kg_per_kwh` holds',
      ),
    provider: reference('provider')
      .optional()
      .describe(
        'The provider that knows the intensity of the hour; the others stand in where it does not, and the figures then have the label `state="fallback"`; never for a provider of marginal intensities',
      ),
    plausible: plausibleSetting,
    max_run_duration: maxRunDuration(),
    restatement: restatementSetting(),
    market: marketSettings
      .optional()
      .describe(
        'What was bought for the energy: a second point of the figure with `method="market"`, the first then having `method="location"`',
      ),
  })
  .check(regionIsKnown, factorsAreSound('intensity'));

export type Config = z.output<typeof configSchema>;
export type Market = z.output<typeof marketSettings>;
