import { formatPlace } from '../errors.ts';
import { formatPath, isNothing, type Located, type LocatedEntry, type LocatedMap, type Path } from './located.ts';

/**
 * Lays `over` on top of `base` as the Collector does: maps are merged deeply, everything else is replaced. A key without a
 * value erases a map below it, which is warned of.
 */
export function merge(base: LocatedMap, over: LocatedMap, warnings: string[], path: Path = []): LocatedMap {
  const entries = new Map<string, LocatedEntry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below ? mergeEntries(below, entry, warnings, [...path, key]) : entry);
  }
  return { ...over, entries };
}

function mergeEntries(below: LocatedEntry, entry: LocatedEntry, warnings: string[], path: Path): LocatedEntry {
  const { at, value } = entry;
  if (below.value.kind !== 'map') return entry;
  // A map that an option only adds to stays where its file has it, since its relative paths start from there.
  if (value.kind === 'map')
    return { at: at.line > 0 ? at : below.at, value: merge(below.value, value, warnings, path) };
  if (isNothing(value) && below.value.entries.size > 0) {
    const erased = `it erases what ${formatPlace(below.at)} has there; write {} to keep that`;
    warnings.push(`${formatPlace(at)} ${formatPath(path)}: the key has no value, so ${erased}`);
  }
  return entry;
}

/** A map with one key within another for each of `keys`, and the value within the last. */
export function nest(keys: readonly string[], { at, value }: LocatedEntry): LocatedMap {
  const [key = '', ...rest] = keys;
  const inner: Located = rest.length ? nest(rest, { at, value }) : value;
  return { kind: 'map', at, entries: new Map([[key, { at, value: inner }]]) };
}
