import type { ZodType } from 'zod';
import { formatPlace } from '../errors.ts';
import { formatPath, type Located, type Path } from './located.ts';
import { marksAt } from './schema-at.ts';

/**
 * Returns a section in which each value that its schema marks as renamed has its new name, and adds a warning for each;
 * `base` is where the section stands in the configuration.
 */
export function withNewNames(section: Located, schema: ZodType, base: Path = [], warnings: string[] = []): Located {
  const renamed = (located: Located, path: Path): Located => {
    if (located.kind === 'list') {
      return { ...located, items: located.items.map((item, index) => renamed(item, [...path, index])) };
    }
    if (located.kind === 'map') {
      const entries = [...located.entries].map(
        ([key, entry]) => [key, { ...entry, value: renamed(entry.value, [...path, key]) }] as const,
      );
      return { ...located, entries: new Map(entries) };
    }
    const { value, at } = located;
    if (typeof value !== 'string') return located;
    const names = marksAt(schema, path).renamed ?? {};
    const name = Object.hasOwn(names, value) ? names[value] : undefined;
    if (name === undefined) return located;
    const place = `${formatPlace(at)} ${formatPath([...base, ...path])}`;
    warnings.push(`${place}: \`${value}\` is deprecated; write \`${name}\``);
    return { ...located, value: name };
  };
  return renamed(section, []);
}
