import { parse } from 'yaml';
import { formatPlace, type Problem } from '../errors.ts';
import {
  ExpressionError,
  expandText,
  type Found,
  resolveExpression,
  type Sources,
  wholeExpression,
} from './expression.ts';
import {
  formatPath,
  fromPlain,
  type Located,
  type LocatedMap,
  type LocatedScalar,
  type Path,
  shownName,
} from './located.ts';
import { parseYaml } from './parse-yaml.ts';

/** What an expansion reads from, and what it reports to. */
export interface Expansion {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly problems: Problem[];
  readonly warnings: string[];
  /** Is told the path of each file that an expression names, just before it is read. */
  readonly onRead?: ((file: string) => void) | undefined;
}

/** Where an expansion is. */
interface Scope extends Expansion {
  readonly path: Path;
  /** The files that are being put in, outermost first. */
  readonly within: readonly string[];
}

/**
 * Puts in what `${env:NAME}`, `${file:path}` and `${yaml:text}` stand for in all strings, by the Collector's rules: a value
 * that is one expression is read as YAML (and keeps its text), a default stands in only for what is unset, `$$` is a dollar.
 * A file with a map or a list may have expressions of its own; any other text of a file or a variable is taken as it is.
 */
export function expand(root: LocatedMap, expansion: Expansion): LocatedMap {
  return expandMap(root, { ...expansion, path: [], within: [] });
}

function expandMap(map: LocatedMap, scope: Scope): LocatedMap {
  const entries = [...map.entries].map(([key, { at, value }]) => {
    return [key, { at, value: expandValue(value, below(scope, key)) }] as const;
  });
  return { ...map, entries: new Map(entries) };
}

function expandValue(located: Located, scope: Scope): Located {
  if (located.kind === 'map') return expandMap(located, scope);
  if (located.kind === 'list') {
    return { ...located, items: located.items.map((item, index) => expandValue(item, below(scope, index))) };
  }
  return typeof located.value === 'string' && located.value.includes('$')
    ? expandScalar(located, located.value, scope)
    : located;
}

function below(scope: Scope, step: string | number): Scope {
  return { ...scope, path: [...scope.path, step] };
}

function expandScalar(scalar: LocatedScalar, value: string, scope: Scope): Located {
  const { environment, warnings, path, onRead } = scope;
  const place = `${formatPlace(scalar.at)} ${formatPath(path)}`;
  const warn = (message: string) => warnings.push(`${place}: ${message}`);
  const sources: Sources = { environment, at: scalar.at, warn, onRead };
  try {
    const expression = wholeExpression(value);
    if (expression === undefined) return { ...scalar, value: expandText(value, sources) };
    const found = resolveExpression(expression, sources);
    if (!found) return { ...scalar, value: null, unset: expression.replace(/^env:/, '') };
    return readerOf(found.scheme)(found, scalar, scope);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { message, remedy } = error;
    scope.problems.push({ code: 'CONFIG_INVALID_VARIABLE', at: scalar.at, path: formatPath(path), message, remedy });
    return { ...scalar, value: null, isUnresolved: true };
  }
}

function readerOf(scheme: Found['scheme']): (found: Found, scalar: LocatedScalar, scope: Scope) => Located {
  return { env: readVariable, yaml: readYamlText, file: readFileText }[scheme];
}

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
    throw new ExpressionError(
      `\`${text}\` is not valid YAML`,
      'write a value such as ${yaml:[a, b]} or ${yaml:{a: 1}}',
    );
  }
}

/** A text that is no YAML is a text, unless the file's name says that it is YAML. */
function readFileText({ text, file = '' }: Found, scalar: LocatedScalar, scope: Scope): Located {
  const problems: Problem[] = [];
  const located = parseYaml(text, shownName(file), problems);
  if (problems.length && /\.(ya?ml|json)$/i.test(file)) {
    scope.problems.push(...problems);
    return { ...scalar, value: null, isUnresolved: true };
  }
  if (problems.length) return { ...scalar, value: text };
  if (!located || located.kind === 'scalar') return asRead(located?.value ?? null, text, scalar);
  const within = [...scope.within, file];
  if (scope.within.includes(file)) {
    const circle = within.slice(within.indexOf(file)).map(shownName).join(' → ');
    throw new ExpressionError(`the file stands within itself: ${circle}`, 'take one of these expressions out');
  }
  return { ...expandValue(located, { ...scope, within }), otherwise: text };
}

/** A text with what YAML makes of it: nothing, a text as it is, or another value, which is the text to a field for texts. */
function asRead(read: unknown, text: string, scalar: LocatedScalar): Located {
  if (read === null) return { ...scalar, value: text, otherwise: null };
  return typeof read === 'string' ? { ...scalar, value: text } : { ...fromPlain(read, scalar.at), otherwise: text };
}
