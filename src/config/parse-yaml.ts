import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import type { Position, Problem } from '../errors.ts';
import { isNothing, type Located, type LocatedEntry } from './located.ts';

/** Parses YAML text into located values; problems are added to the list, and undefined means that there is no value. */
export function parseYaml(text: string, file: string, problems: Problem[]): Located | undefined {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const documents = [...parsed] as Document.Parsed[];
  const errors = [...documents.flatMap((document) => document.errors), ...('empty' in parsed ? parsed.errors : [])];
  const found = firstOfEachLine(errors, at).map((error) => describeError(error, text, at));
  const [first, second] = documents;
  const reader = new Reader(first, at, found);
  if (second && found.length === 0) {
    const message = 'a second YAML document begins here';
    const remedy = 'keep one document a file, and merge files with several --config';
    found.push({ code: 'CONFIG_SYNTAX', at: at(second.range[0]), path: '', message, remedy });
  }
  const located = first?.contents && found.length === 0 ? reader.read(first.contents) : undefined;
  problems.push(...found);
  return found.length || isNothing(located) ? undefined : located;
}

/** Turns nodes into located values, following aliases and `<<` as the Collector's parser does. */
class Reader {
  readonly #document: Document.Parsed | undefined;
  readonly #at: (offset: number) => Position;
  readonly #problems: Problem[];
  /** The nodes around the one that is being read, to notice one that contains itself. */
  readonly #around = new Set<unknown>();

  constructor(document: Document.Parsed | undefined, at: (offset: number) => Position, problems: Problem[]) {
    this.#document = document;
    this.#at = at;
    this.#problems = problems;
  }

  read(node: ParsedNode): Located {
    const at = this.#at(node.range[0]);
    if (isScalar(node)) return { kind: 'scalar', at, value: node.value };
    if (this.#around.has(node)) return this.#nothing(node, 'the alias stands within what it repeats');
    this.#around.add(node);
    const located = this.#readWithin(node, at);
    this.#around.delete(node);
    return located;
  }

  #readWithin(node: ParsedNode, at: Position): Located {
    if (isMap(node)) return { kind: 'map', at, entries: this.#entries(node) };
    if (isSeq(node)) return { kind: 'list', at, items: node.items.map((item) => this.read(item as ParsedNode)) };
    const target = isAlias(node) && this.#document ? node.resolve(this.#document) : undefined;
    return target
      ? this.read(target as ParsedNode)
      : this.#nothing(node, `nothing before has the anchor of \`${node}\``);
  }

  #entries(map: YAMLMap.Parsed): ReadonlyMap<string, LocatedEntry> {
    const own = new Map<string, LocatedEntry>();
    const merged: Located[] = [];
    for (const { key, value } of map.items) {
      const at = this.#at(key.range[0]);
      const name = String(isScalar(key) ? key.value : key);
      // A key without a value has no place but its own.
      const isEmpty = !value || (isScalar(value) && value.value === null && value.range[0] === value.range[1]);
      const located = isEmpty ? ({ kind: 'scalar', at, value: null } as const) : this.read(value);
      if (name === '<<') merged.push(...(located.kind === 'list' ? located.items : [located]));
      else own.set(name, { at, value: located });
    }
    for (const below of merged) {
      if (below.kind !== 'map') continue;
      for (const [name, entry] of below.entries) if (!own.has(name)) own.set(name, entry);
    }
    return own;
  }

  #nothing(node: ParsedNode, message: string): Located {
    const at = this.#at(node.range[0]);
    const remedy = 'name an anchor that ends before, as in `a: &name {…}` and then `b: *name`, or quote the text';
    this.#problems.push({ code: 'CONFIG_SYNTAX', at, path: '', message, remedy });
    return { kind: 'scalar', at, value: null };
  }
}

/** One slip tends to make several errors: those after the first of a line, and all that come of a lost end, mislead. */
function firstOfEachLine(errors: readonly YAMLError[], at: (offset: number) => Position): YAMLError[] {
  const seen = new Set<number>();
  return errors.filter((error, index) => {
    if (index > 0 && error.message.includes('in YAML stream')) return false;
    const { line } = at(error.pos[0]);
    return !seen.has(line) && seen.add(line);
  });
}

function describeError(error: YAMLError, text: string, at: (offset: number) => Position): Problem {
  const [offset] = error.pos;
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1).split('\n', 1)[0] ?? '';
  const [message, remedy] = wordsFor(error, text.slice(offset), line);
  return { code: 'CONFIG_SYNTAX', at: at(offset), path: '', message, remedy };
}

function wordsFor({ code, message }: YAMLError, rest: string, line: string): [message: string, remedy: string] {
  const said = (message.split('\n')[0] ?? message).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  if (code === 'DUPLICATE_KEY') {
    const key = /^(?:"[^"\n]*"|'[^'\n]*'|[^:\s]+)/.exec(rest)?.[0] ?? '';
    return [`the key \`${key}\` stands twice in one map`, 'keep one of the two'];
  }
  if (code === 'TAB_AS_INDENT') return ['a tab is used as indentation', 'indent with spaces'];
  if (line.includes('${')) return [said, 'put quotes around the text with `${…}`, as in "${env:NAME}"'];
  const [, shape, end] = /^Flow (map|sequence) in block collection .* end with a (.)/.exec(message) ?? [];
  if (end) {
    const opened = `the ${shape === 'map' ? 'map' : 'list'} that was opened before has no ${end}`;
    return [opened, `end it with ${end}, or indent the line if it still belongs to it`];
  }
  const [, quote] = /^Missing closing (.)quote/.exec(message) ?? [];
  if (quote) return [`the text that was opened before has no closing ${quote}`, 'close it'];
  if (code === 'BAD_INDENT') return [said, 'align the line with its neighbours, using spaces'];
  if (code === 'BLOCK_AS_IMPLICIT_KEY') return [said, 'put quotes around a text with a colon, or break the line'];
  return [said, 'correct the YAML syntax here'];
}
