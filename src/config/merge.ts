import type { Located, LocatedEntry, LocatedMap } from './located.ts';

/** Lays `over` on top of `base` as the Collector does: maps are merged deeply, everything else is replaced. */
export function merge(base: LocatedMap, over: LocatedMap): LocatedMap {
  const entries = new Map<string, LocatedEntry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below ? { at: entry.at, value: mergeValues(below.value, entry.value) } : entry);
  }
  return { ...over, entries };
}

function mergeValues(base: Located, over: Located): Located {
  return base.kind === 'map' && over.kind === 'map' ? merge(base, over) : over;
}
