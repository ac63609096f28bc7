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
import { type Flaw, formatPlace, type Position, type Problem } from '../errors.ts';
import { DEEPEST, excessOf, MOST_VALUES, tooDeep, tooMany } from './limits.ts';
import { isNothing, type Located, type LocatedEntry } from './located.ts';

type Words = readonly [message: string, remedy: string];
type PlaceOf = (offset: number) => Position;
type Report = (offset: number, words: Words) => void;

/**
 * Parses YAML text into located values and adds problems to the list. Returns undefined where there is no value. What is
 * too large, too deep, or repeated too often by aliases is a problem, and takes no longer than any other text.
 */
export function parseYaml(text: string, file: string, problems: Problem[]): Located | undefined {
  const refuse = (offset: number, flaw: Flaw) => {
    const before = text.slice(0, offset).split('\n');
    const at = { file, line: before.length, column: (before.at(-1) as string).length + 1 };
    problems.push({ code: 'CONFIG_TOO_LARGE', at, path: '', message: flaw.message, remedy: flaw.remedy });
    return undefined;
  };
  const excess = excessOf(text);
  if (excess) return refuse(excess.offset, excess);
  try {
    return parseModest(text, file, problems);
  } catch (error) {
    if (error instanceof ExcessError) return refuse(error.offset, error.flaw);
    // The parser calls itself for each level.
    if (error instanceof RangeError) return refuse(0, tooDeep);
    throw error;
  }
}

/** Says that a value is too deep, or that there are too many. */
class ExcessError extends Error {
  readonly offset: number;
  readonly flaw: Flaw;
  constructor(offset: number, flaw: Flaw) {
    super(flaw.message);
    this.offset = offset;
    this.flaw = flaw;
  }
}

function parseModest(text: string, file: string, problems: Problem[]): Located | undefined {
  const lines = new LineCounter();
  // The reader reports keys that are defined twice, with both places.
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const at: PlaceOf = (offset) => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const found: Problem[] = [];
  const report: Report = (offset, [message, remedy]) => {
    found.push({ code: 'CONFIG_SYNTAX', at: at(offset), path: '', message, remedy });
  };
  const documents = [...parsed] as Document.Parsed[];
  const errors = [...documents.flatMap((document) => document.errors), ...('empty' in parsed ? parsed.errors : [])];
  for (const error of firstOfEachLine(errors, at)) report(...describeError(error, text));
  const [first, second] = documents;
  if (second && found.length === 0) {
    const remedy = 'keep one document a file, and merge files with several --config';
    report(second.range[0], ['a second YAML document begins here', remedy]);
  }
  const located = first?.contents ? locate(first, first.contents, at, report) : undefined;
  problems.push(...found);
  return found.length || isNothing(located) ? undefined : located;
}

/** Converts the nodes of a document to located values and follows aliases and `<<` as the Collector's parser does. */
function locate(document: Document.Parsed, root: ParsedNode, at: PlaceOf, report: Report): Located {
  /** The values of all nodes so far; undefined for those around the current one. */
  const known = new Map<ParsedNode, Located | undefined>();
  const targets = targetsOfAliases(document);
  const nothing = ({ range: [offset] }: ParsedNode, message: string): Located => {
    const remedy = 'name an anchor that ends before, as in `a: &name {…}` and then `b: *name`, or quote the text';
    // An anchor may be lost behind an error of syntax.
    if (document.errors.length === 0) report(offset, [message, remedy]);
    return { kind: 'scalar', at: at(offset), value: null };
  };
  /** How many values there are in each value, and how many levels, those that are repeated among them. */
  const sizes = new Map<Located, readonly [values: number, levels: number]>();
  const measure = (located: Located, [offset]: ParsedNode['range']): Located => {
    const children =
      located.kind === 'map'
        ? [...located.entries.values()].map(({ value }) => value)
        : located.kind === 'list'
          ? located.items
          : [];
    let [values, levels] = [1, 1];
    for (const child of children) {
      const [inner = 1, below = 1] = sizes.get(child) ?? [];
      values += inner;
      levels = Math.max(levels, below + 1);
    }
    if (levels > DEEPEST) throw new ExcessError(offset, tooDeep);
    if (values > MOST_VALUES) throw new ExcessError(offset, tooMany);
    sizes.set(located, [values, levels]);
    return located;
  };
  /** How many keys all `<<` have looked at. */
  let merges = 0;
  const read = (node: ParsedNode): Located => {
    const before = known.get(node);
    if (before) return before;
    if (known.has(node)) return nothing(node, 'the alias is inside the node that it repeats');
    known.set(node, undefined);
    const located = measure(readNode(node), node.range);
    known.set(node, located);
    return located;
  };
  const readNode = (node: ParsedNode): Located => {
    const place = at(node.range[0]);
    if (isScalar(node)) return { kind: 'scalar', at: place, value: node.value };
    if (isMap(node)) return { kind: 'map', at: place, entries: entriesOf(node) };
    if (isSeq(node)) return { kind: 'list', at: place, items: node.items.map((item) => read(item as ParsedNode)) };
    const target = targets.get(node);
    return target ? read(target) : nothing(node, `no anchor before it matches \`${node}\``);
  };
  const entriesOf = (map: YAMLMap.Parsed): ReadonlyMap<string, LocatedEntry> => {
    const own = new Map<string, LocatedEntry>();
    for (const { key, value } of map.items) {
      const [offset] = key.range;
      const place = at(offset);
      if (isMap(key) || isSeq(key)) {
        // Where the syntax is wrong, a key may be one by mistake.
        if (document.errors.length === 0)
          report(offset, ['a key is a map or a list', 'write a plain key, or quote it, if it is to be text']);
        continue;
      }
      const name = String(isScalar(key) ? key.value : key);
      const first = own.get(name);
      if (first) {
        const message = `the key \`${name}\` is already defined at ${formatPlace(first.at)}`;
        report(offset, [message, 'remove one of the two']);
        if (value) read(value);
        continue;
      }
      // A key without a value has only its own position.
      const isEmpty = !value || (isScalar(value) && value.value === null && value.range[0] === value.range[1]);
      own.set(name, { at: place, value: isEmpty ? { kind: 'scalar', at: place, value: null } : read(value) });
    }
    const merged = own.get('<<')?.value;
    own.delete('<<');
    for (const below of merged?.kind === 'list' ? merged.items : [merged]) {
      if (below?.kind !== 'map') continue;
      merges += below.entries.size;
      if (merges > MOST_VALUES) throw new ExcessError(map.range[0], tooMany);
      for (const [name, entry] of below.entries) if (!own.has(name)) own.set(name, entry);
    }
    return own;
  };
  return read(root);
}

/** Returns what each alias repeats: the node whose anchor came last before it. To look for each alone takes the square. */
function targetsOfAliases(document: Document.Parsed): ReadonlyMap<ParsedNode, ParsedNode> {
  const anchors = new Map<string, ParsedNode>();
  const targets = new Map<ParsedNode, ParsedNode>();
  visit(document, {
    Node(_, node) {
      const target = isAlias(node) ? anchors.get(node.source) : undefined;
      if (target) targets.set(node as ParsedNode, target);
      if (!isAlias(node) && node.anchor) anchors.set(node.anchor, node as ParsedNode);
    },
  });
  return targets;
}

/** One mistake tends to cause several errors: those after the first of a line, and after a missing end, are misleading. */
function firstOfEachLine(errors: readonly YAMLError[], at: PlaceOf): YAMLError[] {
  const seen = new Set<number>();
  return errors.filter((error, index) => {
    if (index > 0 && error.message.includes('in YAML stream')) return false;
    const { line } = at(error.pos[0]);
    return !seen.has(line) && seen.add(line);
  });
}

/** Returns the place of an error, and the words for it. */
function describeError(error: YAMLError, text: string): readonly [offset: number, words: Words] {
  const [offset] = error.pos;
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', start);
  const line = text.slice(start, end < 0 ? undefined : end);
  const tab = /^[ ]*\t/.exec(line);
  if (tab) return [start + tab[0].length - 1, ['the indentation contains a tab', 'YAML indents with spaces']];
  return [offset, wordsFor(error, line)];
}

const REMEDIES: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'align the line with its neighbours, using spaces',
  BAD_DQ_ESCAPE: 'write \\\\ for a backslash, or single quotes around the text',
  BLOCK_AS_IMPLICIT_KEY: 'put quotes around a text with a colon, or break the line',
  BLOCK_IN_FLOW: 'put quotes around a text with a colon',
};

/** How much of a message is shown that repeats what the text has. */
const SHOWN = 200;

function beginningOf(message: string): string {
  return message.length > SHOWN ? `${message.slice(0, SHOWN)}…` : message;
}

function wordsFor({ code, message }: YAMLError, line: string): Words {
  const said = beginningOf(message.split('\n')[0] ?? message).replace(/^[A-Z](?=[a-z])/, (letter) =>
    letter.toLowerCase(),
  );
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
