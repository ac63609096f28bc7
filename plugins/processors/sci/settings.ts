import { z } from 'wattline/plugin';

const HOURS_PER_YEAR = 365 * 24;

const share = z.union([
  z.number().positive().max(1),
  z
    .strictObject({
      reserved_vcpus: z.number().positive().describe('How many of its vCPUs runs have reserved'),
      total_vcpus: z.number().positive().describe('How many vCPUs the machine has'),
    })
    .refine(({ reserved_vcpus, total_vcpus }) => reserved_vcpus <= total_vcpus, {
      error: 'expected at most as many reserved as total vCPUs',
    }),
]);

const functionalUnit = z.union([
  z.enum(['stream_hour', 'frame', 'pixel', 'request']),
  z.strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9_]*$/, 'expected a word in lower_snake_case')
      .describe('What a unit of your own is called, such as `order`'),
    attribute: z
      .string()
      .min(1)
      .describe(
        'The attribute of a run that counts it, such as `run.orders`; a field of a results file is `run.` and its name',
      ),
  }),
]);

export const configSchema = z.strictObject({
  embodied: z.strictObject({
    total_kg: z
      .number()
      .min(0)
      .describe('TE: embodied emissions of the whole machine in kg CO₂e, from its life cycle assessment'),
    lifespan_years: z
      .number()
      .positive()
      .default(4)
      .describe('EL: how long the machine is expected to be in use, in years of 365 days'),
    share: share
      .default(1)
      .describe(
        'RR/ToR: the part of the machine that runs have reserved, as a ratio above 0 and at most 1, or as `{ reserved_vcpus: 2, total_vcpus: 8 }`',
      ),
    source: z
      .string()
      .min(1)
      .default('configuration')
      .describe('Where `total_kg` is from, for the record of the factor'),
  }),
  functional_units: z
    .array(functionalUnit)
    .min(1)
    .default(['stream_hour'])
    .refine((units) => new Set(units.map(unitName)).size === units.length, { error: 'expected each unit once' })
    .describe(
      'R, what emissions are shared out over: any of `stream_hour` (streams × hours), `frame` (`total_frames`), `pixel` (`pixels_processed`), `request` (`requests`), and units of your own as `{ name: order, attribute: run.orders }`',
    ),
});

export type SciConfig = z.output<typeof configSchema>;

/** Returns the name of a functional unit. */
export function unitName(unit: z.output<typeof functionalUnit>): string {
  return typeof unit === 'string' ? unit : unit.name;
}

/** Returns TE in kilograms, EL in hours, and RR/ToR as a ratio. */
export function reservation({ total_kg: total, lifespan_years, share }: SciConfig['embodied']) {
  const ratio = typeof share === 'number' ? share : share.reserved_vcpus / share.total_vcpus;
  return { total, lifespan: lifespan_years * HOURS_PER_YEAR, share: ratio };
}
