import { isDeepStrictEqual } from 'node:util';
import type { ZodType } from 'zod';
import { formatPlace, type Problem } from '../errors.ts';
import { isNothing, type Located, type LocatedEntry, mapChildren, type Path, placeOf, toPlain } from './located.ts';
import { foreignKeyAt } from './schema-at.ts';

/** Where a section stands, and where it is said what becomes of its keys. */
interface Section {
  readonly schema: ZodType;
  readonly root: Located;
  readonly base: Path;
  readonly problems: Problem[];
  readonly warnings: string[];
}

/**
 * Returns a value in a section without the keys that its schema has elsewhere and not here. Adds a warning for each
 * that has no effect here, and a problem for each that would have one.
 */
export function withoutForeignKeys(located: Located, section: Section, path: Path = []): Located {
  const kept = located.kind === 'map' ? { ...located, entries: ownEntries(located.entries, section, path) } : located;
  return mapChildren(kept, (child, step) => withoutForeignKeys(child, section, [...path, step]));
}

function ownEntries(
  entries: ReadonlyMap<string, LocatedEntry>,
  section: Section,
  path: Path,
): ReadonlyMap<string, LocatedEntry> {
  const own = new Map(entries);
  for (const [key, { value }] of entries) {
    const foreign = foreignKeyAt(section.schema, [...path, key]);
    if (!foreign) continue;
    own.delete(key);
    if (isNothing(value) || foreign.holds.some((held) => isDeepStrictEqual(held, toPlain(value)))) continue;
    const place = placeOf(section.root, [...section.base, ...path, key]);
    if (foreign.ignored !== undefined) {
      section.warnings.push(`${formatPlace(place.at)} ${place.path}: it has no effect here: ${foreign.ignored}`);
    } else {
      const message = 'this key has no counterpart here';
      const remedy = foreign.refused ?? 'remove it';
      section.problems.push({ code: 'CONFIG_UNKNOWN_KEY', ...place, message, remedy });
    }
  }
  return own;
}
