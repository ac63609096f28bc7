import { dirname, relative, resolve } from 'node:path';
import type { Position } from '../errors.ts';

/** A configuration value with its position. */
export type Located = LocatedMap | LocatedList | LocatedScalar;

interface Place {
  readonly at: Position;
  /** For a value from `${…}`: its alternative reading, for fields that refuse the text as parsed by YAML. */
  readonly otherwise?: string | null;
}

export interface LocatedMap extends Place {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, LocatedEntry>;
}

export interface LocatedEntry {
  /** The position of the key. */
  readonly at: Position;
  readonly value: Located;
}

export interface LocatedList extends Place {
  readonly kind: 'list';
  readonly items: readonly Located[];
}

export interface LocatedScalar extends Place {
  readonly kind: 'scalar';
  readonly value: unknown;
  /** The environment variable that the value should come from and that is not set. */
  readonly unset?: string;
  /** Whether its expression could not be resolved, which is reported already; the value is null then. */
  readonly isUnresolved?: boolean;
}

/** A path in a configuration: keys and list indices. */
export type Path = readonly (string | number)[];

/** Returns the plain value, without positions. */
export function toPlain(located: Located): unknown {
  if (located.kind === 'scalar') return located.value;
  if (located.kind === 'list') return located.items.map(toPlain);
  return Object.fromEntries([...located.entries].map(([key, { value }]) => [key, toPlain(value)]));
}

/** Returns a plain value as a located one, with one position for all of it. */
export function fromPlain(value: unknown, at: Position): Located {
  if (Array.isArray(value)) return { kind: 'list', at, items: value.map((item) => fromPlain(item, at)) };
  if (typeof value !== 'object' || value === null) return { kind: 'scalar', at, value };
  const entries = Object.entries(value).map(([key, item]) => [key, { at, value: fromPlain(item, at) }] as const);
  return { kind: 'map', at, entries: new Map(entries) };
}

/** Whether there is no value: no such key, or a key without a value. */
export function isNothing(located: Located | undefined): boolean {
  return located === undefined || (located.kind === 'scalar' && (located.value === null || located.otherwise === null));
}

/** Returns the positions of all values that could not be resolved. */
export function unresolvedPlaces(located: Located): Position[] {
  if (located.kind === 'scalar') return located.isUnresolved ? [located.at] : [];
  if (located.kind === 'list') return located.items.flatMap(unresolvedPlaces);
  return [...located.entries.values()].flatMap(({ value }) => unresolvedPlaces(value));
}

/** Returns the value at a path, or undefined. */
export function valueAt(located: Located | undefined, path: Path): Located | undefined {
  let current = located;
  for (const step of path) {
    if (current?.kind === 'map') current = current.entries.get(String(step))?.value;
    else current = current?.kind === 'list' ? current.items[Number(step)] : undefined;
  }
  return current;
}

/** Returns the position of the key or item at a path, or of the nearest value around it that exists. */
export function positionAt(located: Located, path: Path): Position {
  let current: Located = located;
  let at = located.at;
  for (const step of path) {
    if (current.kind === 'map') {
      const entry = current.entries.get(String(step));
      if (!entry) return at;
      at = entry.at;
      current = entry.value;
    } else {
      const item: Located | undefined = current.kind === 'list' ? current.items[Number(step)] : undefined;
      if (!item) return at;
      at = item.at;
      current = item;
    }
  }
  return at;
}

/** Returns the folder that relative paths start from: the file's, or for an option the working directory. */
export function directoryOf({ file, line }: Position): string {
  return line > 0 ? dirname(resolve(file)) : resolve('.');
}

/** Returns a file's path relative to the working directory where it lies within, otherwise its absolute path. */
export function shownName(file: string): string {
  const shown = relative('.', file) || file;
  return shown.startsWith('..') ? resolve(file) : shown;
}

/** Writes a path as `exporters.debug.summary` or `receivers.file.include[0]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text ? `${text}.${step}` : step;
  }, '');
}
