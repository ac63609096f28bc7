import type { ZodType } from 'zod';
import { formatPlace } from '../errors.ts';
import { formatPath, type Located, mapScalars, type Path } from './located.ts';
import { marksAt } from './schema-at.ts';

/**
 * Returns a section in which each value that its schema marks as renamed has its new name, and adds a warning for each;
 * `base` is where the section stands in the configuration.
 */
export function withNewNames(section: Located, schema: ZodType, base: Path = [], warnings: string[] = []): Located {
  return mapScalars(section, (scalar, path) => {
    const { value, at } = scalar;
    if (typeof value !== 'string') return scalar;
    const names = marksAt(schema, path).renamed ?? {};
    const name = Object.hasOwn(names, value) ? names[value] : undefined;
    if (name === undefined) return scalar;
    const place = `${formatPlace(at)} ${formatPath([...base, ...path])}`;
    warnings.push(`${place}: \`${value}\` is deprecated; write \`${name}\``);
    return { ...scalar, value: name };
  });
}
