import { resolve } from 'node:path';
import { FlawError, messageOf, type Position } from '../errors.ts';
import { readFileUpTo } from '../text-file.ts';
import { MOST_BYTES } from './limits.ts';
import { directoryOf } from './located.ts';

/** How many characters of a text a message shows. */
const MOST_SHOWN = 100;

const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const FORMS = 'write ${env:NAME}, ${env:NAME:-default}, ${file:path} or ${yaml:text}, and $$ for a dollar sign';
/** What Prometheus writes in braces for a group of a regular expression. */
const GROUP = /^\d{1,3}$/;

const DEEPEST_EXPRESSION = 10;

/** The value of an expression. */
export interface Found {
  readonly scheme: 'env' | 'file' | 'yaml';
  readonly text: string;
  /** The absolute path of the file that it came from. */
  readonly file?: string;
}

/** The sources that expressions are resolved from. */
export interface Sources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Variables that the command line itself sets; they come before the environment, and are no secrets. */
  readonly given?: Readonly<Record<string, string>> | undefined;
  /** Called with the absolute path of each file just before it is read. */
  readonly onRead?: ((file: string) => void) | undefined;
}

/** The sources, as the text at a position uses them. */
export interface PlacedSources extends Sources {
  readonly at: Position;
  readonly warn: (message: string) => void;
  /** Called with each text that comes from a variable of the environment or from a file, and its expression. */
  readonly onFound: (text: string, expression: string) => void;
}

/** Returns the expression that makes up a whole text, without `${` and `}`; undefined where the text is anything else. */
export function wholeExpression(text: string): string | undefined {
  return text.startsWith('${') && closingBrace(text, 0) === text.length - 1 ? text.slice(2, -1) : undefined;
}

/**
 * Resolves an expression such as `env:NAME:-default`, the expressions within it first. Returns undefined and warns where
 * a variable is not set. Throws `FlawError`.
 */
export function resolveExpression(expression: string, sources: PlacedSources): Found | undefined {
  const [, scheme = 'env', rest = ''] = /^(?:([A-Za-z][A-Za-z0-9+.-]+):(?!-))?(.*)$/s.exec(expression) ?? [];
  if (scheme === 'env') return resolveVariable(rest, sources);
  if (scheme === 'yaml') return { scheme, text: expandText(rest, sources) };
  if (scheme === 'file') {
    const found = readTextOf(expandText(rest, sources), sources);
    sources.onFound(found.text, `\${${expression}}`);
    return found;
  }
  if (scheme === 'http' || scheme === 'https') {
    const message = `\`${scheme}:\` is refused: a value fetched over the network could change unnoticed`;
    throw new FlawError(message, 'fetch it first, and write ${file:path}');
  }
  throw new FlawError(`\`${scheme}:\` is not a known source of values`, FORMS);
}

/** Returns the text with all expressions replaced by their texts, and `$$` by a dollar sign. Throws `FlawError`. */
export function expandText(text: string, sources: PlacedSources): string {
  let result = '';
  for (let i = 0; i < text.length; i++) {
    if (text.startsWith('$$', i)) {
      result += '$';
      i++;
    } else if (text.startsWith('${', i)) {
      const end = closingBrace(text, i);
      if (end < 0) throw new FlawError(`\`${shown(text.slice(i))}\` has no closing brace`, FORMS);
      result += resolveExpression(text.slice(i + 2, end), sources)?.text ?? '';
      i = end;
    } else result += text[i];
    if (result.length > MOST_BYTES) throw new FlawError(`it makes a text of more than ${MOST_BYTES / 1024} KiB`, FORMS);
  }
  return result;
}

function resolveVariable(rest: string, sources: PlacedSources): Found | undefined {
  const split = rest.indexOf(':-');
  const name = expandText(split < 0 ? rest : rest.slice(0, split), sources);
  if (!NAME.test(name)) {
    const remedy = GROUP.test(name) ? `write $${name} or $$\{${name}} for a group of a regular expression` : FORMS;
    throw new FlawError(`environment variable "${shown(name)}" has an invalid name`, remedy);
  }
  const given = sources.given?.[name];
  if (given !== undefined) return { scheme: 'env', text: given };
  const text = sources.environment[name];
  if (text !== undefined) {
    sources.onFound(text, `\${env:${name}}`);
    return { scheme: 'env', text };
  }
  if (split >= 0) return { scheme: 'env', text: expandText(rest.slice(split + 2), sources) };
  sources.warn(`environment variable ${shown(name)} is not set and has no default; it stays empty`);
  return undefined;
}

/** Removes the line end that editors put at the end of a file; the Collector keeps it. */
function readTextOf(path: string, { at, onRead }: PlacedSources): Found {
  const folder = directoryOf(at);
  const file = resolve(folder, path);
  onRead?.(file);
  try {
    return {
      scheme: 'file',
      text: readFileUpTo(file, MOST_BYTES)
        .toString()
        .replace(/\r?\n$/, ''),
      file,
    };
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = isMissing
      ? `there is no file \`${path}\``
      : `the file \`${path}\` cannot be read: ${messageOf(error)}`;
    throw new FlawError(message, `write the path of a file as it is seen from ${folder}, or an absolute path`);
  }
}

/** Returns the index of the brace that closes the `${` at `start`, or -1; YAML within may have braces of its own. */
function closingBrace(text: string, start: number): number {
  const hasMaps = text.startsWith('${yaml:', start);
  let open = 0;
  let maps = 0;
  for (let i = start; i < text.length; i++) {
    if (text.startsWith('${', i)) {
      if (++open > DEEPEST_EXPRESSION) throw new FlawError('expressions are nested more than 10 levels deep', FORMS);
      i++;
    } else if (hasMaps && text[i] === '{') maps++;
    else if (text[i] === '}' && maps > 0) maps--;
    else if (text[i] === '}' && --open === 0) return i;
  }
  return -1;
}

/** The beginning of a text, for a message. */
function shown(text: string): string {
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
}
