import { formatPlace } from '../errors.ts';
import { formatPath, isNothing, type Located, type LocatedEntry, type LocatedMap, type Path } from './located.ts';

/**
 * Merges `over` into `base` as the Collector does: maps are merged deeply, everything else is replaced. Warns where a key
 * without a value replaces a map, or a map an expression, since that is easily overlooked.
 */
export function merge(base: LocatedMap, over: LocatedMap, warnings: string[], path: Path = []): LocatedMap {
  const entries = new Map<string, LocatedEntry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    entries.set(key, below ? mergeEntries(below, entry, warnings, [...path, key]) : entry);
  }
  // A map that an option only adds to keeps its position in the file, since its relative paths start from there.
  return { ...(over.at.line > 0 ? over : base), entries };
}

function mergeEntries(below: LocatedEntry, entry: LocatedEntry, warnings: string[], path: Path): LocatedEntry {
  const { at, value } = entry;
  const warn = (message: string) => warnings.push(`${formatPlace(at)} ${formatPath(path)}: ${message}`);
  if (below.value.kind === 'map' && value.kind === 'map') {
    return { at: at.line > 0 ? at : below.at, value: merge(below.value, value, warnings, path) };
  }
  const before = formatPlace(below.at);
  if (below.value.kind === 'map' && below.value.entries.size > 0 && isNothing(value)) {
    warn(`the key has no value, so it removes what ${before} has there; write {} to keep that`);
  }
  if (value.kind === 'map' && below.value.kind === 'scalar' && /^\$\{.*\}$/s.test(String(below.value.value))) {
    warn(`it replaces the expression of ${before}, since files are merged before expressions are put in`);
  }
  return entry;
}

/** Returns nested maps, one for each of `keys`, with the value in the innermost. */
export function nest(keys: readonly string[], { at, value }: LocatedEntry): LocatedMap {
  const [key = '', ...rest] = keys;
  const inner: Located = rest.length ? nest(rest, { at, value }) : value;
  return { kind: 'map', at, entries: new Map([[key, { at, value: inner }]]) };
}
