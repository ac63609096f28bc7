import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseAllDocuments,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { formatPlace, type Position, type Problem } from '../errors.ts';
import { isNothing, type Located, type LocatedEntry } from './located.ts';

/** Parses YAML text into located values and adds problems to the list. Returns undefined where there is no value. */
export function parseYaml(text: string, file: string, problems: Problem[]): Located | undefined {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const documents = [...parsed] as Document.Parsed[];
  const errors = [...documents.flatMap((document) => document.errors), ...('empty' in parsed ? parsed.errors : [])];
  const [first, second] = documents;
  const found = firstOfEachLine(errors, at).map((error) => describeError(error, text, at, first));
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

/** Converts nodes to located values and follows aliases and `<<` as the Collector's parser does. */
class Reader {
  readonly #document: Document.Parsed | undefined;
  readonly #at: (offset: number) => Position;
  readonly #problems: Problem[];
  /** The nodes around the current one, to detect a node that contains itself. */
  readonly #around = new Set<unknown>();

  constructor(document: Document.Parsed | undefined, at: (offset: number) => Position, problems: Problem[]) {
    this.#document = document;
    this.#at = at;
    this.#problems = problems;
  }

  read(node: ParsedNode): Located {
    const at = this.#at(node.range[0]);
    if (isScalar(node)) return { kind: 'scalar', at, value: node.value };
    if (this.#around.has(node)) return this.#nothing(node, 'the alias is inside the node that it repeats');
    this.#around.add(node);
    const located = this.#readWithin(node, at);
    this.#around.delete(node);
    return located;
  }

  #readWithin(node: ParsedNode, at: Position): Located {
    if (isMap(node)) return { kind: 'map', at, entries: this.#entries(node) };
    if (isSeq(node)) return { kind: 'list', at, items: node.items.map((item) => this.read(item as ParsedNode)) };
    const target = isAlias(node) && this.#document ? node.resolve(this.#document) : undefined;
    return target ? this.read(target as ParsedNode) : this.#nothing(node, `no anchor before it matches \`${node}\``);
  }

  #entries(map: YAMLMap.Parsed): ReadonlyMap<string, LocatedEntry> {
    const own = new Map<string, LocatedEntry>();
    const merged: Located[] = [];
    for (const { key, value } of map.items) {
      const at = this.#at(key.range[0]);
      const name = String(isScalar(key) ? key.value : key);
      // A key without a value has only its own position.
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

/** One mistake tends to cause several errors: those after the first of a line, and after a missing end, are misleading. */
function firstOfEachLine(errors: readonly YAMLError[], at: (offset: number) => Position): YAMLError[] {
  const seen = new Set<number>();
  return errors.filter((error, index) => {
    if (index > 0 && error.message.includes('in YAML stream')) return false;
    const { line } = at(error.pos[0]);
    return !seen.has(line) && seen.add(line);
  });
}

function describeError(
  error: YAMLError,
  text: string,
  at: (offset: number) => Position,
  document: Document.Parsed | undefined,
): Problem {
  const [offset] = error.pos;
  const describe = (place: number, [message, remedy]: Words): Problem => {
    return { code: 'CONFIG_SYNTAX', at: at(place), path: '', message, remedy };
  };
  const duplicate = error.code === 'DUPLICATE_KEY' && document ? duplicateFrom(document, offset) : undefined;
  if (duplicate) {
    const message = `the key \`${duplicate.name}\` is already defined at ${formatPlace(at(duplicate.first))}`;
    return describe(duplicate.offset, [message, 'remove one of the two']);
  }
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const [line = ''] = text.slice(start).split('\n', 1);
  const tab = /^[ ]*\t/.exec(line);
  if (tab) return describe(start + tab[0].length - 1, ['the indentation contains a tab', 'YAML indents with spaces']);
  return describe(offset, wordsFor(error, line));
}

/** Returns the next key from `offset` on that repeats an earlier one; the parser may point before it. */
function duplicateFrom(
  document: Document.Parsed,
  offset: number,
): { name: string; offset: number; first: number } | undefined {
  let next: { name: string; offset: number; first: number } | undefined;
  visit(document, {
    Map(_, { items }) {
      const firsts = new Map<string, number>();
      for (const { key } of items) {
        if (!isScalar(key) || !key.range) continue;
        const [name, place] = [String(key.value), key.range[0]];
        const first = firsts.get(name);
        if (first === undefined) firsts.set(name, place);
        else if (place >= offset && (!next || place < next.offset)) next = { name, offset: place, first };
      }
    },
  });
  return next;
}

const REMEDIES: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'align the line with its neighbours, using spaces',
  BAD_DQ_ESCAPE: 'write \\\\ for a backslash, or single quotes around the text',
  BLOCK_AS_IMPLICIT_KEY: 'put quotes around a text with a colon, or break the line',
  BLOCK_IN_FLOW: 'put quotes around a text with a colon',
};

type Words = readonly [message: string, remedy: string];

function wordsFor({ code, message }: YAMLError, line: string): Words {
  const said = (message.split('\n')[0] ?? message).replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
  if (line.includes('${')) return [said, 'put quotes around the text with `${…}`, as in "${env:NAME}"'];
  const [, shape, end] = /^Flow (map|sequence) in block collection .* end with a (.)/.exec(message) ?? [];
  if (end) {
    const opened = `the ${shape === 'map' ? 'map' : 'list'} that starts before has no ${end}`;
    return [opened, `end it with ${end}, or indent the line if it belongs to it`];
  }
  const [, quote] = /^Missing closing (.)quote/.exec(message) ?? [];
  if (quote) return [`the text that starts before has no closing ${quote}`, 'close it'];
  if (message.startsWith('A block sequence may not')) {
    return ['the line is not aligned with those before', 'indent all items of a list alike'];
  }
  return [
    said,
    REMEDIES[code] ?? (said.startsWith('missing , ') ? 'write a comma between the two' : 'correct the YAML here'),
  ];
}
