import { readFileSync } from 'node:fs';
import { styleText } from 'node:util';
import { formatProblem, type Position, type Problem } from '../errors.ts';

/** How much of a line is shown, in characters. */
const WIDTH = 100;

/**
 * Formats problems for a terminal: each with its line, the lines around it and a mark under its column, in colour where
 * the stream supports it. A problem with a secret, or outside of a file, has no frame.
 */
export function frameProblems(problems: readonly Problem[], stream: NodeJS.WriteStream): string {
  const paint = (style: 'red' | 'dim' | 'bold', text: string) => styleText(style, text, { stream });
  const texts = problems.map((problem) => {
    const { at, isSecret } = problem;
    const frame = at && at.line > 0 && !isSecret ? frameOf(at, readLines(at.file), paint) : '';
    return `${paint('bold', formatProblem(problem))}\n${frame}`;
  });
  return texts.join('\n');
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8')
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
  } catch {
    return [];
  }
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
