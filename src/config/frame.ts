import { styleText } from 'node:util';
import { formatProblem, type Position, type Problem } from '../errors.ts';
import { readFileUpTo } from '../text-file.ts';
import { MOST_BYTES } from './limits.ts';

/** How much of a line is shown, in characters. */
const WIDTH = 100;

/**
 * Formats problems for a terminal: each with its line, the lines around it and a mark under its column, in colour where
 * the stream supports it. A problem with a secret, or outside of a file, has no frame. Where the text is not valid YAML,
 * nobody knows which of its values are secrets: letters and digits of values are then shown as dots.
 */
export function frameProblems(problems: readonly Problem[], stream: NodeJS.WriteStream): string {
  const paint = (style: 'red' | 'dim' | 'bold', text: string) => styleText(style, text, { stream });
  const texts = problems.map((problem) => {
    const { at, isSecret, code } = problem;
    const read = (file: string) => (code === 'CONFIG_SYNTAX' ? readLines(file).map(withDots) : readLines(file));
    const frame = at && at.line > 0 && !isSecret ? frameOf(at, read(at.file), paint) : '';
    return `${paint('bold', formatProblem(problem))}\n${frame}`;
  });
  return texts.join('\n');
}

function readLines(file: string): readonly string[] {
  try {
    return readFileUpTo(file, MOST_BYTES)
      .toString()
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
  } catch {
    return [];
  }
}

/** The key at the beginning of a line keeps its letters, as does an expression. */
function withDots(line: string): string {
  const [key = ''] = /^[\s-]*(?:[\w./-]+\s*:(?=\s|$))?/.exec(line) ?? [];
  const value = line
    .slice(key.length)
    .replace(/\$\{[^}]*\}|[\p{L}\p{N}]/gu, (found) => (found.length > 2 ? found : '•'));
  return key + value;
}

type Paint = (style: 'red' | 'dim', text: string) => string;

/** Tabs are shown as arrows of one column, so that the mark stands at the right place. */
function frameOf({ line, column }: Position, lines: readonly string[], paint: Paint): string {
  if (line > lines.length) return '';
  const from = column > WIDTH ? column - WIDTH / 2 : 0;
  const digits = String(line + 1).length;
  const shown = [line - 1, line, line + 1].filter((number) => number > 0 && number <= lines.length);
  return shown
    .flatMap((number) => {
      const text = (lines[number - 1] ?? '').replaceAll('\t', '→').slice(from, from + WIDTH);
      const row = `${number === line ? '>' : ' '} ${String(number).padStart(digits)} | ${text}`.trimEnd();
      if (number !== line) return [paint('dim', row)];
      return [row, paint('red', `  ${' '.repeat(digits)} | ${' '.repeat(column - 1 - from)}^`)];
    })
    .map((row) => `${row}\n`)
    .join('');
}
