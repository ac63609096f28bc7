import { dirname, relative, resolve } from 'node:path';
import type { Position, Problem } from '../errors.ts';

/** A configuration value with its position. */
export type Located = LocatedMap | LocatedList | LocatedScalar;

interface Place {
  readonly at: Position;
  /** For a value from `${…}`: its alternative reading, for fields that refuse the text as parsed by YAML. */
  readonly otherwise?: string | null;
  /** For a value from a variable or a file: its expression, which is shown in its place. */
  readonly written?: string;
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

type Step = string | number;

/** A path in a configuration: keys and list indices. */
export type Path = readonly Step[];

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

/** Returns a value with all scalars in it marked as what an expression has given. */
export function markWritten(located: Located, written: string): Located {
  const marked = mapScalars(located, (scalar, [step, ...rest]) => {
    const within =
      typeof step === 'string'
        ? `.${formatPath([step, ...rest])}`
        : formatPath(step === undefined ? [] : [step, ...rest]);
    return { ...scalar, written: `${written}${within}` };
  });
  return { ...marked, written };
}

/** Whether there is no value: no such key, or a key without a value. */
export function isNothing(located: Located | undefined): boolean {
  return located === undefined || (located.kind === 'scalar' && (located.value === null || located.otherwise === null));
}

/** Returns a map or list with each of its values replaced by the result of `change`; a scalar stays. */
export function mapChildren(located: Located, change: (child: Located, step: Step) => Located): Located {
  if (located.kind === 'scalar') return located;
  if (located.kind === 'list') return { ...located, items: located.items.map(change) };
  const entries = [...located.entries].map(([key, { at, value }]) => [key, { at, value: change(value, key) }] as const);
  return { ...located, entries: new Map(entries) };
}

/** Returns the value with each scalar in it replaced by the result of `change`; `path` is where the value stands. */
export function mapScalars(
  located: Located,
  change: (scalar: LocatedScalar, path: Path) => Located,
  path: Path = [],
): Located {
  if (located.kind === 'scalar') return change(located, path);
  return mapChildren(located, (child, step) => mapScalars(child, change, [...path, step]));
}

/** Returns all scalars in a value, each with its path. */
export function scalarsIn(located: Located | undefined): (readonly [Path, LocatedScalar])[] {
  if (!located) return [];
  const scalars: (readonly [Path, LocatedScalar])[] = [];
  mapScalars(located, (scalar, path) => {
    scalars.push([path, scalar]);
    return scalar;
  });
  return scalars;
}

/** Returns the value at a path, or undefined. */
export function valueAt(located: Located | undefined, path: Path): Located | undefined {
  return path.reduce((current, step) => current && entryAt(current, step)?.value, located);
}

/** Returns the position of the key or item at a path, or of the nearest value around it that exists. */
export function positionAt(located: Located, path: Path): Position {
  let nearest: LocatedEntry = { at: located.at, value: located };
  for (const step of path) {
    const entry = entryAt(nearest.value, step);
    if (!entry) break;
    nearest = entry;
  }
  return nearest.at;
}

/** Returns the place of the key or item at a path, as problems state it. */
export function placeOf(root: Located, path: Path): Pick<Problem, 'path'> & { readonly at: Position } {
  return { at: positionAt(root, path), path: formatPath(path) };
}

function entryAt(located: Located, step: Step): LocatedEntry | undefined {
  if (located.kind === 'map') return located.entries.get(String(step));
  const item = located.kind === 'list' ? located.items[Number(step)] : undefined;
  return item && { at: item.at, value: item };
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
