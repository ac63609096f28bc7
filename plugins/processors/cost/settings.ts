import {
  defaultCorePrice,
  factorSettings,
  factorsAreSound,
  listPriceOf,
  maxRunDuration,
  moneySettings,
  plausibleSetting,
  ratesSchema,
  regionIsKnown,
  regionSettings,
  restatementSetting,
} from 'wattline/figures';
import { reference, z } from 'wattline/plugin';

export const configSchema = moneySettings(
  {
    ...regionSettings,
    usd_per_kwh: z.number().min(0).optional().describe('Price of electricity in USD/kWh, in place of the region’s'),
    price: factorSettings('price')
      .optional()
      .describe(
        'Prices of electricity over time, in place of the region’s: a list of values, tariffs and files, each from its `effective_from` on; where they know none `usd_per_kwh` holds',
      ),
    provider: reference('provider')
      .optional()
      .describe(
        'The provider that knows the price of the hour; the others stand in where it does not, and the figures then have the label `state="fallback"`',
      ),
    priced_energy: z
      .enum(['meter', 'machine'])
      .default('meter')
      .describe(
        'Which energy is paid for: that at the meter of the data centre (`meter`), so with the PUE of the run if it has one, or that of the machine alone (`machine`)',
      ),
    usd_per_core_hour: z
      .number()
      .min(0)
      .optional()
      .describe(
        `Price of a CPU core in USD per hour of use; where nothing gives one, Wattline’s default of ${defaultCorePrice.value} holds, which is no price of a cloud`,
      ),
    core_price: factorSettings('core_price')
      .optional()
      .describe('Prices of a CPU core over time, in place of `usd_per_core_hour`'),
    list_prices: z
      .boolean()
      .default(false)
      .describe(
        'Whether CPU time costs what the cloud asks for a vCPU of the run’s type of machine (`host.type`, else `azure.vm.size`); a price of your own comes first',
      ),
    instance_type: z
      .string()
      .refine((type) => listPriceOf(type) !== undefined, {
        error:
          'expected a type of machine whose list price is known, such as m6i.xlarge, n2-standard-8 or Standard_D4s_v5',
      })
      .optional()
      .describe(
        'The type of machine of runs that name none, such as `m6i.xlarge`, `n2-standard-8` or `Standard_D4s_v5`; it turns `list_prices` on',
      ),
    includes_energy: z
      .boolean()
      .default(false)
      .describe(
        'Whether your price of a CPU core includes the electricity already, as list prices always do: the total is then the compute cost alone',
      ),
    rates: ratesSchema
      .optional()
      .describe(
        'What one USD is worth, where prices are in other currencies: the table of the processor `currency`; a price is divided by the rate in force at the time that it holds',
      ),
    plausible: plausibleSetting,
    max_run_duration: maxRunDuration(),
    restatement: restatementSetting(),
    partial_total: z
      .boolean()
      .default(false)
      .describe('Whether a total is given where only one of energy and compute cost is known'),
  },
  'price',
  'core_price',
).check(regionIsKnown, factorsAreSound('price', 'core_price'));

export type Config = z.output<typeof configSchema>;
