import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, type Position } from '../errors.ts';
import { directoryOf } from './located.ts';

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const FORMS = 'write ${env:NAME}, ${env:NAME:-default}, ${file:path} or ${yaml:text}, and $$ for a dollar sign';

/** What an expression stands for. */
export interface Found {
  readonly scheme: 'env' | 'file' | 'yaml';
  readonly text: string;
  /** The absolute path of the file that it came from. */
  readonly file?: string;
}

/** What expressions are resolved with. */
export interface Sources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where the text with the expression stands. */
  readonly at: Position;
  readonly warn: (message: string) => void;
  /** Is told the absolute path of a file just before it is read. */
  readonly onRead?: ((file: string) => void) | undefined;
}

/** Why an expression stands for nothing, and what would be right. */
export class ExpressionError extends Error {
  readonly remedy: string;
  constructor(message: string, remedy: string = FORMS) {
    super(message);
    this.name = 'ExpressionError';
    this.remedy = remedy;
  }
}

/** The expression that is the whole of a text, without `${` and `}`; undefined where the text is more, or something else. */
export function wholeExpression(text: string): string | undefined {
  return text.startsWith('${') && closingBrace(text, 0) === text.length - 1 ? text.slice(2, -1) : undefined;
}

/**
 * What an expression such as `env:NAME:-default` stands for, its own expressions first; undefined where a variable is not
 * set, which is warned of. Throws `ExpressionError`.
 */
export function resolveExpression(expression: string, sources: Sources): Found | undefined {
  const [, scheme = 'env', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]+):(?!-))?(.*)$/s.exec(expression) ?? [];
  if (scheme === 'env') return resolveVariable(rest, sources);
  if (scheme === 'yaml') return { scheme, text: expandText(rest, sources) };
  if (scheme === 'file') return readTextOf(expandText(rest, sources), sources);
  if (scheme === 'http' || scheme === 'https') {
    const message = `\`${scheme}:\` is refused: what is fetched from elsewhere could change unseen`;
    throw new ExpressionError(message, 'fetch it first, and write ${file:path}');
  }
  throw new ExpressionError(`\`${scheme}:\` is not a known source of values`);
}

/** The text with all of its expressions replaced by the texts that they stand for, and `$$` by a dollar. Throws `ExpressionError`. */
export function expandText(text: string, sources: Sources): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith('$$', i)) {
      result += '$';
      i++;
    } else if (text.startsWith('${', i)) {
      const end = closingBrace(text, i);
      if (end < 0) throw new ExpressionError(`\`${text.slice(i)}\` has no closing brace`);
      result += resolveExpression(text.slice(i + 2, end), sources)?.text ?? '';
      i = end;
    } else result += text[i];
  }
  return result;
}

function resolveVariable(rest: string, sources: Sources): Found | undefined {
  const split = rest.indexOf(':-');
  const name = expandText(split < 0 ? rest : rest.slice(0, split), sources);
  if (!NAME.test(name)) throw new ExpressionError(`environment variable "${name}" has an invalid name`);
  const text = sources.environment[name];
  if (text !== undefined) return { scheme: 'env', text };
  if (split >= 0) return { scheme: 'env', text: expandText(rest.slice(split + 2), sources) };
  sources.warn(`environment variable ${name} is not set and has no default; it is left empty`);
  return undefined;
}

/** Editors end a file with a line end, which is no part of a text; the Collector keeps it. */
function readTextOf(path: string, { at, onRead }: Sources): Found {
  const folder = directoryOf(at);
  const file = resolve(folder, path);
  onRead?.(file);
  try {
    return { scheme: 'file', text: readFileSync(file, 'utf8').replace(/\r?\n$/, ''), file };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = isMissing
      ? `there is no file \`${path}\``
      : `the file \`${path}\` cannot be read: ${messageOf(error)}`;
    throw new ExpressionError(message, `write the path of a file as it is seen from ${folder}, or a whole path`);
  }
}

/** The index of the brace that closes the `${` at `start`, or -1; YAML may have maps in braces of its own. */
function closingBrace(text: string, start: number): number {
  const hasMaps = text.startsWith('${yaml:', start);
  let open = 0;
  for (let i = start; i < text.length; i++) {
    if (text.startsWith('${', i)) {
      open++;
      i++;
    } else if (hasMaps && text[i] === '{') open++;
    else if (text[i] === '}' && --open === 0) return i;
  }
  return -1;
}
