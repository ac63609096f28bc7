import { RejectedError, z } from 'wattline/plugin';
import { instant } from 'wattline/provider';

const UNIT = 'gCO2eq/kWh';

const valueSchema = z.object({
  /** In g/kWh; null where the service has none. */
  carbonIntensity: z.number().min(0).nullable(),
  datetime: instant(),
  isEstimated: z.boolean().nullish(),
  emissionFactorType: z.string().nullish(),
  unit: z.string().nullish(),
});

const aboutSchema = z.object({
  zone: z.string(),
  temporalGranularity: z.string().nullish(),
  unit: z.string().nullish(),
});

/** The answer of v3 to `latest`. */
const oneSchema = valueSchema.extend(aboutSchema.shape).transform((one) => ({ ...one, values: [one] }));
/** The answer of v3 to `past-range`, and of v4 to all paths. */
const dataSchema = aboutSchema
  .extend({ data: z.array(valueSchema) })
  .transform((all) => ({ ...all, values: all.data }));
/** The answer of v3 to `history`. */
const historySchema = aboutSchema
  .extend({ history: z.array(valueSchema) })
  .transform((all) => ({ ...all, values: all.history }));

/** An answer of v3 or v4 to any path, transformed to its values. */
export const answerSchema = z.union([dataSchema, historySchema, oneSchema]);
export type Answer = z.output<typeof answerSchema>;
export type Value = z.output<typeof valueSchema>;

/** The parameters of a request, without the zone where the service chooses it by the data centre. */
export interface Wanted {
  readonly zone?: string;
  readonly temporalGranularity: string;
  readonly emissionFactorType: string;
}

/** Throws `RejectedError` where an answer has other parameters than the request. */
export function checkAnswer(answer: Answer, wanted: Wanted): void {
  const check = (what: string, given: string | null | undefined, expected: string | undefined) => {
    if (given == null || expected === undefined || given === expected) return;
    throw new RejectedError(`Electricity Maps answers with the ${what} ${given}, not ${expected}`);
  };
  check('zone', answer.zone, wanted.zone);
  check('granularity', answer.temporalGranularity, wanted.temporalGranularity);
  check('unit', answer.unit, UNIT);
  for (const { emissionFactorType, unit } of answer.values) {
    check('emission factors', emissionFactorType, wanted.emissionFactorType);
    check('unit', unit, UNIT);
  }
}
