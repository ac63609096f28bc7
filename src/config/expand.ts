import { parse } from 'yaml';
import type { Problem } from '../errors.ts';
import { formatPath, fromPlain, type Located, type LocatedMap, type LocatedScalar, type Path } from './located.ts';

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** What an expansion reads from, and what it reports to. */
export interface Expansion {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly problems: Problem[];
  readonly warnings: string[];
}

/**
 * Replaces `${env:NAME}`, `${NAME}` and `${env:NAME:-default}` in all strings by the Collector's rules: a value that is
 * one expression is read as YAML (and keeps its text), a default stands in only for what is unset, `$$` is a dollar.
 */
export function expand(root: LocatedMap, expansion: Expansion): LocatedMap {
  return expandMap(root, expansion, []);
}

function expandMap(map: LocatedMap, expansion: Expansion, path: Path): LocatedMap {
  const entries = [...map.entries].map(([key, { at, value }]) => {
    return [key, { at, value: expandValue(value, expansion, [...path, key]) }] as const;
  });
  return { ...map, entries: new Map(entries) };
}

function expandValue(located: Located, expansion: Expansion, path: Path): Located {
  if (located.kind === 'map') return expandMap(located, expansion, path);
  if (located.kind === 'list') {
    return { ...located, items: located.items.map((item, index) => expandValue(item, expansion, [...path, index])) };
  }
  return typeof located.value === 'string' && located.value.includes('$')
    ? expandScalar(located, located.value, expansion, path)
    : located;
}

function expandScalar(scalar: LocatedScalar, value: string, expansion: Expansion, path: Path): Located {
  try {
    if (value.startsWith('${') && closingBrace(value, 0) === value.length - 1) {
      const text = resolve(value.slice(2, -1), expansion, path);
      if (text === undefined) return { ...scalar, value: null, unset: value.slice(2, -1).replace(/^env:/, '') };
      const read = readYaml(text);
      return read === null
        ? { ...scalar, value: text, otherwise: null }
        : { ...fromPlain(read, scalar.at), otherwise: text };
    }
    return { ...scalar, value: expandText(value, expansion, path) };
  } catch (error) {
    const { message } = error as Error;
    const remedy = 'write ${env:NAME} or ${env:NAME:-default}, and $$ for a dollar sign';
    expansion.problems.push({
      code: 'CONFIG_INVALID_VARIABLE',
      at: scalar.at,
      path: formatPath(path),
      message,
      remedy,
    });
    return { ...scalar, value: null };
  }
}

function expandText(text: string, expansion: Expansion, path: Path): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith('$$', i)) {
      result += '$';
      i++;
    } else if (text.startsWith('${', i)) {
      const end = closingBrace(text, i);
      if (end < 0) throw new Error(`\`${text.slice(i)}\` has no closing brace`);
      result += resolve(text.slice(i + 2, end), expansion, path) ?? '';
      i = end;
    } else result += text[i];
  }
  return result;
}

/** The index of the brace that closes the `${` at `start`, or -1. */
function closingBrace(text: string, start: number): number {
  let open = 0;
  for (let i = start; i < text.length; i++) {
    if (text.startsWith('${', i)) {
      open++;
      i++;
    } else if (text[i] === '}' && --open === 0) return i;
  }
  return -1;
}

function resolve(expression: string, expansion: Expansion, path: Path): string | undefined {
  const [, scheme, rest = ''] = /^(?:([a-z][a-z0-9+.-]+):(?!-))?(.*)$/s.exec(expression) ?? [];
  if (scheme !== undefined && scheme !== 'env') throw new Error(`\`${scheme}:\` is not a known source of values`);
  const split = rest.indexOf(':-');
  const name = expandText(split < 0 ? rest : rest.slice(0, split), expansion, path);
  if (!NAME.test(name)) throw new Error(`environment variable "${name}" has an invalid name`);
  const value = expansion.environment[name];
  if (value !== undefined) return value;
  if (split >= 0) return expandText(rest.slice(split + 2), expansion, path);
  expansion.warnings.push(
    `${formatPath(path)}: environment variable ${name} is not set and has no default; it is left empty`,
  );
  return undefined;
}

function readYaml(text: string): unknown {
  try {
    return parse(text, { logLevel: 'error' });
  } catch {
    return text;
  }
}
