import { z } from 'zod';
import type { Marks } from '../plugin/schema.ts';
import { namedUnit, type QuantityUnit, quantityUnits, type SeriesQuantity, statedValues, unitNames } from './units.ts';

const amount = z.number().min(0);

/**
 * A map of settings in which each key that names USD may name another currency in its place, and a price of electricity the
 * megawatt-hour: `eur_per_kwh`, `usd_per_mwh`. No other key is taken, and one price of each kind.
 */
export function moneySettings<S extends z.ZodRawShape>(shape: S, ...quantities: readonly SeriesQuantity[]) {
  const all = quantities.map((quantity) => quantityUnits[quantity]);
  const isUnit = (key: string) => all.some((units) => namedUnit(units, key) !== undefined);
  return z
    .looseObject(shape)
    .meta({
      additionalProperties: false,
      patternProperties: Object.fromEntries(all.map(patternOf)),
    } satisfies Marks & { additionalProperties: false })
    .check(
      z.superRefine(
        (settings, ctx) => {
          const others = Object.keys(settings).filter((key) => !Object.hasOwn(shape, key));
          const keys = others.filter((key) => !isUnit(key));
          if (keys.length > 0) ctx.addIssue({ code: 'unrecognized_keys', keys, input: settings });
          for (const key of others.filter(isUnit)) {
            const { issues = [] } = amount.safeParse(settings[key], { reportInput: true }).error ?? {};
            for (const { message: _, ...issue } of issues)
              ctx.addIssue({ ...issue, path: [key], continue: false } as never);
          }
          for (const units of all) {
            const given = statedValues(units, settings).map(({ key }) => key);
            const stated = given.filter((key) => !(shape[key] instanceof z.ZodDefault));
            if (stated.length < 2) continue;
            const message = `expected one of ${stated.map((key) => `\`${key}\``).join(' and ')}`;
            ctx.addIssue({ code: 'custom', path: [stated.at(-1) as string], message });
          }
        },
        // An unknown key is reported beside whatever else is wrong.
        { when: ({ value }) => typeof value === 'object' && value !== null && !Array.isArray(value) },
      ),
    );
}

/** Returns what an editor and a README say of the keys that name a unit. */
function patternOf(units: QuantityUnit) {
  const per = Object.keys(units.fileUnits).map((name) => name.replace('usd_per_', ''));
  const others = unitNames(units, 'EUR').map((name) => `\`${name}\``);
  const description = `The ${units.noun} in another currency (ISO 4217), as ${others.join(' or ')}; \`rates\` must have one of it`;
  return [`^[a-z]{3}_per_(${per.join('|')})$`, { title: `<currency>_per_${per[0]}`, description }] as const;
}
