import type { Located, LocatedEntry } from './located.ts';

/** Lays `over` on top of `base` as the Collector does: maps are merged deeply, everything else is replaced. */
export function merge(base: Located | undefined, over: Located): Located {
  if (base?.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map<string, LocatedEntry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below ? { at: entry.at, value: merge(below.value, entry.value) } : entry);
  }
  return { ...over, entries };
}
