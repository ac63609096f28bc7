import { isDeepStrictEqual } from 'node:util';
import type { ZodType } from 'zod';
import { formatPlace, type Problem } from '../errors.ts';
import { isNothing, type Located, mapChildren, type Path, placeOf, toPlain } from './located.ts';
import { foreignKeysAt } from './schema-at.ts';

/**
 * Returns a section without the keys of the Collector's that its schema does not have. Adds a warning for each that has no
 * effect here, and a problem for each that would have one; `base` is where the section stands in `root`.
 */
export function withoutForeignKeys(
  section: Located,
  schema: ZodType,
  { root, base, problems, warnings }: ForeignKeysOptions,
  path: Path = [],
): Located {
  const foreign = foreignKeysAt(schema, path);
  const isForeign = (key: string) => Object.hasOwn(foreign, key);
  if (section.kind === 'map') {
    for (const [key, { value }] of section.entries) {
      const own = isForeign(key) ? foreign[key] : undefined;
      if (!own || isNothing(value) || own.holds.some((held) => isDeepStrictEqual(held, toPlain(value)))) continue;
      const place = placeOf(root, [...base, ...path, key]);
      if (own.ignored !== undefined) {
        warnings.push(`${formatPlace(place.at)} ${place.path}: it has no effect here: ${own.ignored}`);
      } else {
        const message = 'Wattline does not have this key of the Collector';
        problems.push({ code: 'CONFIG_UNKNOWN_KEY', ...place, message, remedy: own.refused ?? 'remove it' });
      }
    }
  }
  const kept: Located =
    section.kind === 'map'
      ? { ...section, entries: new Map([...section.entries].filter(([key]) => !isForeign(key))) }
      : section;
  return mapChildren(kept, (child, step) =>
    withoutForeignKeys(child, schema, { root, base, problems, warnings }, [...path, step]),
  );
}

interface ForeignKeysOptions {
  readonly root: Located;
  readonly base: Path;
  readonly problems: Problem[];
  readonly warnings: string[];
}
