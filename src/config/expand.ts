import { parse } from 'yaml';
import { FlawError, formatPlace, type Problem } from '../errors.ts';
import type { Secrets } from '../model/secrets.ts';
import { expandText, type Found, resolveExpression, type Sources, wholeExpression } from './expression.ts';
import { excessOf, MOST_PUT_IN, MOST_VALUES, tooDeep, tooMany } from './limits.ts';
import {
  formatPath,
  fromPlain,
  type Located,
  type LocatedMap,
  type LocatedScalar,
  mapScalars,
  markWritten,
  type Path,
  scalarsIn,
  shownName,
} from './located.ts';
import { parseYaml } from './parse-yaml.ts';

/** The sources of an expansion, and where it reports problems. */
export interface Expansion extends Sources {
  readonly problems: Problem[];
  readonly warnings: string[];
  /** Gets to know all texts that come from variables and files. */
  readonly secrets?: Secrets | undefined;
}

/** The deepest path at which a file that is put in is a part of the configuration, as a section is, and not a value. */
const DEEPEST_PART = 2;

/** The current place of an expansion. */
interface Scope extends Expansion {
  readonly path: Path;
  /** The files being included, outermost first. */
  readonly within: readonly string[];
  /** How much all expressions may still put in. */
  readonly left: { values: number; characters: number };
}

/**
 * Replaces `${env:NAME}`, `${file:path}` and `${yaml:text}` in all strings by the Collector's rules: a value that is one
 * expression is parsed as YAML (and keeps its text), a default applies only to an unset variable, and `$$` is a dollar
 * sign. Expressions are expanded in a file that contains a map or a list, but not in other values.
 */
export function expand(root: LocatedMap, expansion: Expansion): LocatedMap {
  return expandValue(root, {
    ...expansion,
    path: [],
    within: [],
    left: { values: MOST_VALUES, characters: MOST_PUT_IN },
  }) as LocatedMap;
}

function expandValue(located: Located, scope: Scope): Located {
  return mapScalars(located, (scalar, path) => expandScalar(scalar, { ...scope, path }), scope.path);
}

function expandScalar(scalar: LocatedScalar, scope: Scope): Located {
  const { value } = scalar;
  if (typeof value !== 'string' || !value.includes('$')) return scalar;
  const { warnings, path, secrets } = scope;
  const place = `${formatPlace(scalar.at)} ${formatPath(path)}`;
  const warn = (message: string) => warnings.push(`${place}: ${message}`);
  let isFound = false;
  const onFound = (text: string, expression: string) => {
    isFound = true;
    secrets?.add(text, expression);
  };
  const sources = { ...scope, at: scalar.at, warn, onFound };
  try {
    if (scope.left.values < 0 || scope.left.characters < 0) throw new FlawError(tooMany.message, tooMany.remedy);
    const expression = wholeExpression(value);
    if (expression === undefined) {
      const text = expandText(value, sources);
      spend(scope, text.length, 0);
      return isFound ? hidden({ ...scalar, value: text }, value, secrets) : { ...scalar, value: text };
    }
    const found = resolveExpression(expression, sources);
    if (!found) return { ...scalar, value: null, unset: expression.replace(/^env:/, '') };
    spend(scope, found.text.length, 0);
    const excess = found.scheme === 'file' ? undefined : excessOf(found.text);
    if (excess) throw new FlawError(excess.message, excess.remedy);
    const read = readers[found.scheme](found, scalar, scope);
    const isPart = found.scheme === 'file' && read.kind !== 'scalar' && path.length <= DEEPEST_PART;
    return isFound && !isPart ? hidden(read, value, secrets) : read;
  } catch (thrown) {
    // Aliases can nest deeper than what they are written in.
    const error = thrown instanceof RangeError ? new FlawError(tooDeep.message, tooDeep.remedy) : thrown;
    if (!(error instanceof FlawError)) throw error;
    const { message, remedy } = error;
    scope.problems.push({ code: 'CONFIG_INVALID_VARIABLE', at: scalar.at, path: formatPath(path), message, remedy });
    return { ...scalar, value: null, isUnresolved: true };
  }
}

/** Returns a value that has come from elsewhere, with what is shown in its place. */
function hidden(located: Located, written: string, secrets: Secrets | undefined): Located {
  const marked = markWritten(located, written);
  for (const [, { value, written: shown }] of scalarsIn(marked)) secrets?.add(String(value), shown);
  return marked;
}

/** Takes what an expression puts in from what is left. Throws `FlawError` where that is too much. */
function spend({ left }: Scope, characters: number, values: number): void {
  left.characters -= characters;
  left.values -= values;
  if (left.values < 0) throw new FlawError(tooMany.message, tooMany.remedy);
  if (left.characters >= 0) return;
  throw new FlawError(`all expressions put in more than ${MOST_PUT_IN / 1024} KiB`, tooMany.remedy);
}

const readers = { env: readVariable, yaml: readYamlText, file: readFileText };

function readVariable({ text }: Found, scalar: LocatedScalar): Located {
  try {
    return asRead(parse(text, { logLevel: 'error' }), text, scalar);
  } catch {
    return { ...scalar, value: text };
  }
}

function readYamlText({ text }: Found, scalar: LocatedScalar): Located {
  try {
    return { ...fromPlain(parse(text, { logLevel: 'error' }) ?? null, scalar.at), otherwise: text };
  } catch {
    throw new FlawError(`\`${text}\` is not valid YAML`, 'write a value such as ${yaml:[a, b]} or ${yaml:{a: 1}}');
  }
}

/** Text that is not valid YAML stays text, unless the file's name says that it is YAML. */
function readFileText({ text, file = '' }: Found, scalar: LocatedScalar, scope: Scope): Located {
  const problems: Problem[] = [];
  const located = parseYaml(text, shownName(file), problems);
  if (problems.length && /\.(ya?ml|json)$/i.test(file)) {
    scope.problems.push(...problems);
    return { ...scalar, value: null, isUnresolved: true };
  }
  if (problems.length) return { ...scalar, value: text };
  if (!located || located.kind === 'scalar') return asRead(located?.value ?? null, text, scalar);
  spend(scope, 0, scalarsIn(located).length);
  const within = [...scope.within, file];
  if (scope.within.includes(file)) {
    const circle = within.slice(within.indexOf(file)).map(shownName).join(' → ');
    throw new FlawError(`the file includes itself: ${circle}`, 'remove one of these expressions');
  }
  return { ...expandValue(located, { ...scope, within }), otherwise: text };
}

/** Returns the text where YAML reads it as nothing or as text, otherwise the parsed value with the text as alternative. */
function asRead(read: unknown, text: string, scalar: LocatedScalar): Located {
  if (read === null) return { ...scalar, value: text, otherwise: null };
  return typeof read === 'string' ? { ...scalar, value: text } : { ...fromPlain(read, scalar.at), otherwise: text };
}
