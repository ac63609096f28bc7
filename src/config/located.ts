import { type Document, isMap, isScalar, isSeq, LineCounter, type ParsedNode, parseAllDocuments } from 'yaml';
import type { Position, Problem } from '../errors.ts';

/** A configuration value that remembers where it stands. */
export type Located = LocatedMap | LocatedList | LocatedScalar;

export interface LocatedMap {
  readonly kind: 'map';
  readonly at: Position;
  readonly entries: ReadonlyMap<string, LocatedEntry>;
}

export interface LocatedEntry {
  /** Where the key stands. */
  readonly at: Position;
  readonly value: Located;
}

export interface LocatedList {
  readonly kind: 'list';
  readonly at: Position;
  readonly items: readonly Located[];
}

export interface LocatedScalar {
  readonly kind: 'scalar';
  readonly at: Position;
  readonly value: unknown;
  /** The text that a `${…}` expression came to, where the value was read from it: what a field for text gets. */
  readonly text?: string;
}

/** A path in a configuration: keys and list indices. */
export type Path = readonly (string | number)[];

/** Parses YAML text into located values; problems are added to the list, and undefined means that there is no value. */
export function parseLocated(text: string, file: string, problems: Problem[]): Located | undefined {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const list = Array.isArray(documents) ? (documents as Document.Parsed[]) : [];
  for (const error of list.flatMap((document) => document.errors)) {
    const message = error.message.split('\n')[0] ?? error.message;
    problems.push({ code: 'CONFIG_SYNTAX', at: at(error.pos[0]), path: '', message, remedy: remedyOf(error.code) });
  }
  const second = list[1];
  if (second?.contents) {
    const place = at(second.contents.range[0]);
    const message = 'a second YAML document';
    problems.push({ code: 'CONFIG_SYNTAX', at: place, path: '', message, remedy: 'write one document a file' });
  }
  const contents = list[0]?.contents;
  return contents && !list[0]?.errors.length ? locate(contents, list[0] as Document.Parsed, at) : undefined;
}

/** The value without its places. */
export function toPlain(located: Located): unknown {
  if (located.kind === 'scalar') return located.value;
  if (located.kind === 'list') return located.items.map(toPlain);
  return Object.fromEntries([...located.entries].map(([key, { value }]) => [key, toPlain(value)]));
}

/** The value at a path, or undefined. */
export function valueAt(located: Located | undefined, path: Path): Located | undefined {
  let current = located;
  for (const step of path) {
    if (current?.kind === 'map') current = current.entries.get(String(step))?.value;
    else current = current?.kind === 'list' ? current.items[Number(step)] : undefined;
  }
  return current;
}

/** Where the key or item at a path stands, or the nearest thing around it that exists. */
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

/** Writes a path as `exporters.debug.summary` or `receivers.file.include[0]`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text ? `${text}.${step}` : step;
  }, '');
}

function locate(node: ParsedNode, document: Document.Parsed, at: (offset: number) => Position): Located {
  const place = at(node.range[0]);
  if (isMap(node)) {
    const entries = new Map<string, LocatedEntry>();
    for (const { key, value } of node.items) {
      const keyAt = at(key.range[0]);
      const name = String(isScalar(key) ? key.value : key);
      const located = value ? locate(value, document, at) : { kind: 'scalar' as const, at: keyAt, value: null };
      entries.set(name, { at: keyAt, value: located });
    }
    return { kind: 'map', at: place, entries };
  }
  if (isSeq(node)) return { kind: 'list', at: place, items: node.items.map((item) => locate(item, document, at)) };
  if (isScalar(node)) return { kind: 'scalar', at: place, value: node.value };
  const resolved = node.resolve(document) as ParsedNode | undefined;
  return resolved ? locate(resolved, document, at) : { kind: 'scalar', at: place, value: null };
}

function remedyOf(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'keep one of the two keys';
  if (code === 'TAB_AS_INDENT') return 'indent with spaces';
  if (code === 'BAD_INDENT') return 'align the line with its neighbours, using spaces';
  return 'correct the YAML syntax here';
}
