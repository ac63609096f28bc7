import { z } from 'zod';
import { timeZone } from '../plugin/schema.ts';
import { currencyOf, currencySetting, isCurrency, unitIn } from './currency.ts';
import { moneySettings } from './money-settings.ts';
import { type BandTimes, bandName, dayNames, monthNames } from './tariff.ts';
import { isDate, readTime, TIME_WANTED } from './time-text.ts';
import {
  namedUnit,
  type QuantityUnit,
  quantityUnits,
  type SeriesQuantity,
  statedValues,
  unitNames,
  type ValueKey,
} from './units.ts';

/** A checked configuration with `factorSettings`. */
export type FactorConfig = z.output<ReturnType<typeof factorSettings>>;

/** One entry of it: what holds from its `effective_from` to that of the next. */
export type FactorEntry = FactorConfig[number];

const effectiveTime = z
  .string()
  .refine((text) => readTime(text, 'UTC') !== undefined, { error: TIME_WANTED })
  .optional()
  .describe(
    'From when it holds, until the next entry does: a date, or a time with its offset; since ever where left out',
  );

const ofAnyEntry = {
  time_zone: timeZone()
    .optional()
    .describe(
      'The time zone of the hours, of local times in the file, and of dates, which are in UTC where it is left out',
    ),
  source: z.string().min(1).optional().describe('Where the values come from, for the record'),
  year: z.int().min(1900).max(2200).optional().describe('The year that the values are of, for the record'),
};

const bandTimes = {
  days: z
    .array(z.enum([...dayNames, 'weekdays', 'weekend', 'holidays']))
    .min(1)
    .optional()
    .describe('The days on which it holds, all where left out; a holiday is none of `mon` to `fri`'),
  months: z.array(z.enum(monthNames)).min(1).optional().describe('The months in which it holds, all where left out'),
  from: clockTime(/^(?:[01]\d|2[0-3]):[0-5]\d$/)
    .optional()
    .describe('The local time at which it begins, `"00:00"` where left out'),
  to: clockTime(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/)
    .optional()
    .describe('The local time at which it ends, `"24:00"` where left out; past midnight where it is before `from`'),
};

const holidays = z
  .array(z.string().refine(isDate, { error: 'expected a date such as 2026-12-25' }))
  .default([])
  .describe('The dates of the holidays, such as `2026-12-25`');

/**
 * The setting of a processor for a quantity over time: a list of constant values, tariffs and files, each from its
 * `effective_from` on. A value is in the unit that its key names, the rates of a tariff in the same one.
 */
export function factorSettings(quantity: SeriesQuantity) {
  const { key, noun } = quantityUnits[quantity];
  return z
    .array(entrySettings(quantity))
    .min(1)
    .superRefine((entries, ctx) => {
      const begun = entries.map(effectiveFrom);
      for (const [index, from] of begun.entries()) {
        if (begun.indexOf(from) === -1 || begun.indexOf(from) === index) continue;
        const message = Number.isFinite(from)
          ? 'expected another `effective_from`: an entry before begins at the same time'
          : 'expected an `effective_from`: an entry before has none either';
        ctx.addIssue({ code: 'custom', path: [index], message });
      }
    })
    .describe(`The ${noun} over time: a list of entries, each with \`${key}\`, \`tariff\` or \`file\``);
}

/** When an entry begins to hold, in seconds since 1970; NaN where that cannot be read. */
export function effectiveFrom(entry: Pick<FactorEntry, 'effective_from' | 'time_zone'>): number {
  const { effective_from, time_zone = 'UTC' } = entry;
  if (effective_from === undefined) return Number.NEGATIVE_INFINITY;
  return readTime(effective_from, time_zone) ?? Number.NaN;
}

function entrySettings(quantity: SeriesQuantity) {
  const units = quantityUnits[quantity];
  const { key, plainKey, noun, fileUnits } = units;
  const value = {
    [key]: z.number().min(0).optional().describe(`The ${noun} in ${units.unit}, a constant value`),
  } as Record<ValueKey, z.ZodOptional<z.ZodNumber>>;
  // Power exchanges publish prices of electricity only.
  const isTraded = quantity === 'price';
  const area = z
    .string()
    .min(1)
    .optional()
    .describe('The area whose prices hold, such as `SE3`, where the file of a power exchange has several');
  const shape = {
    effective_from: effectiveTime,
    ...value,
    tariff: tariffSettings(units)
      .optional()
      .describe(
        `The ${noun} by day, month and hour; needs \`time_zone\`, whose clocks it goes by, also across daylight saving`,
      ),
    file: z
      .string()
      .regex(/\.(?:csv|txt|tsv|json)$/i, { error: 'expected a file that ends in .csv, .txt, .tsv or .json' })
      .optional()
      .describe(
        `A CSV or JSON file with the ${noun} over time, read at the start and again when it changes: rows of \`from\`, optionally \`to\`, and the value${isTraded ? '; or a file as a power exchange publishes it' : ''}`,
      ),
    unit: unitSetting(units)
      .optional()
      .describe(
        `The unit of the values of the file, where it names none itself: ${listed(Object.keys(fileUnits), 'or')}${plainKey ? ', or the same in another currency' : ''}`,
      ),
    ...((isTraded ? { area } : {}) as { area: typeof area }),
    ...ofAnyEntry,
  };
  const entry = plainKey
    ? moneySettings({ ...shape, ...inCurrency(units, plainKey) }, quantity)
    : z.strictObject(shape);
  return entry.superRefine((settings, ctx) => {
    const { tariff, file, unit, area, time_zone } = settings;
    const refuse = (message: string) => ctx.addIssue({ code: 'custom', message });
    const stated = statedValues(units, settings).slice(0, 1);
    if ([...stated, tariff, file].filter((one) => one !== undefined).length !== 1) {
      const isInCurrency = (settings as Currency).currency !== undefined;
      refuse(`expected one of \`${isInCurrency ? plainKey : key}\`, \`tariff\` and \`file\``);
    }
    if (tariff && time_zone === undefined) {
      refuse('expected a `time_zone` such as Europe/Berlin, whose clocks the tariff goes by');
    }
    if (unit !== undefined && file === undefined) refuse('expected `unit` only beside `file`');
    if (area !== undefined && file === undefined) refuse('expected `area` only beside `file`');
    if (plainKey && stated[0]?.key === plainKey && (settings as Currency).currency === undefined) {
      refuse(`expected a \`currency\` such as EUR, since \`${plainKey}\` names none`);
    }
    const contradiction = contradictionOf(units, settings);
    if (contradiction) ctx.addIssue({ code: 'custom', path: ['currency'], message: contradiction });
  });
}

/** The setting that only prices have. */
type Currency = { readonly currency?: string | undefined };

/** What says the currency of an entry where its unit does not. */
function inCurrency({ noun }: QuantityUnit, plainKey: NonNullable<QuantityUnit['plainKey']>) {
  return {
    currency: currencySetting()
      .optional()
      .describe(
        `The currency (ISO 4217) of \`${plainKey}\`, of the rates of the tariff, or of the file; USD where it is left out`,
      ),
    [plainKey]: z
      .number()
      .min(0)
      .optional()
      .describe(
        `The ${noun} ${plainKey.replace('_', ' ').replace('_', '-')} in what \`currency\` says, a constant value`,
      ),
  };
}

/** Returns why `currency` does not go with the rest of an entry; undefined where it does. */
function contradictionOf(units: QuantityUnit, settings: object): string | undefined {
  const { currency, unit: unitOfFile } = settings as Currency & { readonly unit?: string };
  if (currency === undefined) return undefined;
  const [stated] = statedValues(units, settings);
  const named = stated?.unit ?? (unitOfFile && namedUnit(units, unitOfFile)?.unit);
  if (named === undefined || named === unitIn(currency, units.unit)) return undefined;
  const of = stated ? `\`${stated.key}\`` : `\`unit: ${unitOfFile}\``;
  return `expected the currency of ${of}, or none: two currencies contradict each other`;
}

function unitSetting(units: QuantityUnit) {
  if (!units.plainKey) return z.enum(unitNames(units) as [string, ...string[]]);
  return z.string().superRefine((name, ctx) => {
    if (namedUnit(units, name)) return;
    const named = /^[a-z]{3}(?=_)/.exec(name)?.[0].toUpperCase() ?? '';
    const values = unitNames(units, isCurrency(named) ? named : 'USD');
    ctx.addIssue({ code: 'invalid_value', values, input: name });
  });
}

function listed(names: readonly string[], word: string): string {
  return names.map((name) => `\`${name}\``).join(` ${word} `);
}

function tariffSettings({ noun, unit }: QuantityUnit) {
  const money = currencyOf(unit) === undefined ? '' : ', or in `currency`';
  const rate = (when: string) => z.number().min(0).describe(`The ${noun} in ${unit}${money}, ${when}`);
  const band = z
    .strictObject({
      rate: rate('while the band holds'),
      ...bandTimes,
    })
    .refine(({ from = '00:00', to = '24:00' }) => from !== to, {
      error: 'expected two different hours, or none for the whole day',
    });
  return z
    .strictObject({
      default: rate('at all other times, unknown where left out').optional(),
      bands: z
        .array(band)
        .default([])
        .describe('Rates at certain times; of those that hold at a time, the first counts')
        .superRefine(refuseTwins),
      holidays,
    })
    .superRefine((tariff, ctx) => {
      const refuse = (message: string) => ctx.addIssue({ code: 'custom', message });
      if (tariff.default === undefined && tariff.bands.length === 0)
        refuse('expected a `default` rate, `bands`, or both');
      if (tariff.holidays.length === 0 && tariff.bands.some(({ days }) => days?.includes('holidays'))) {
        refuse('expected `holidays`, a list of dates such as 2026-12-25, since a band names them');
      }
    });
}

function clockTime(form: RegExp) {
  return z.string().regex(form, { error: 'expected a time of day such as "07:00"' });
}

/** Two bands of the same times would share a name, and the second would never hold. */
function refuseTwins(bands: readonly BandTimes[], ctx: z.core.$RefinementCtx): void {
  const names = bands.map(bandName);
  for (const [index, name] of names.entries()) {
    const message = 'expected other days, months or hours: a band before has the same, so that this one never holds';
    if (names.indexOf(name) < index) ctx.addIssue({ code: 'custom', path: [index], message });
  }
}
