import { ConfigurationError, type Problem } from '../errors.ts';
import { duration, z } from '../plugin/index.ts';

/** Checks the raw options of a command by a schema. Throws `ConfigurationError` with every problem. */
export function checkedOptions<T extends z.ZodType>(schema: T, raw: unknown, command: string): z.output<T> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path: [key, ...rest], message }): Problem => {
    const value = (raw as Readonly<Record<PropertyKey, unknown>>)[key as PropertyKey];
    const given = rest.length ? (value as Readonly<Record<PropertyKey, unknown>>)[rest[0] as PropertyKey] : value;
    const path = `--${String(key).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const remedy = `wattline ${command} --help lists the options`;
    return {
      code: 'CONFIG_INVALID_VALUE',
      path,
      message: `${message.replace(/^Invalid \w+: /, '')}, not ${JSON.stringify(given)}`,
      remedy,
    };
  });
  throw new ConfigurationError(problems);
}

/** A time as `60` or `1m`, in seconds above 0. */
export const seconds = z
  .string()
  .transform((value): string | 0 => (/^\d+(\.\d+)?$/.test(value) ? `${value}s` : value))
  .pipe(duration())
  .transform((milliseconds) => milliseconds / 1000)
  .refine((value) => value > 0, { error: 'expected a time above 0' });

/** A text that is a number within bounds. */
export function numberText(isAllowed: (value: number) => boolean, expected: string) {
  return z
    .string()
    .refine((value) => value.trim() !== '' && Number.isFinite(Number(value)) && isAllowed(Number(value)), {
      error: `expected ${expected}`,
    })
    .transform(Number);
}

/** Names with commas between them, each one of those that are known. */
export function namesText<const T extends string>(known: readonly T[]) {
  const isKnown = (name: string): name is T => known.some((one) => one === name);
  return z.string().transform((value, ctx) => {
    const names = splitNames(value);
    const good = names.filter(isKnown);
    if (good.length === names.length && good.length > 0) return good;
    ctx.addIssue({ code: 'custom', message: `expected ${known.join(', ')}, or several with commas between them` });
    return z.NEVER;
  });
}

export function splitNames(text: string): string[] {
  return text.split(',').flatMap((name) => name.trim() || []);
}
