import { readFile } from 'node:fs/promises';

/** One instruction of a Dockerfile; its text is what follows the word, on one line. */
export interface Instruction {
  readonly word: string;
  readonly text: string;
}

/** One `FROM`: its image or earlier stage, its name if it has one, and what follows it. */
export interface Stage {
  readonly from: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export interface Dockerfile {
  /** Defaults of the arguments before the first stage. */
  readonly globals: Readonly<Record<string, string>>;
  readonly stages: readonly Stage[];
}

/** Reads a Dockerfile: comments go, continued lines are joined, instructions are grouped by stage. */
export async function readDockerfile(file: string): Promise<Dockerfile> {
  const globals: Record<string, string> = {};
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const { word, text } of instructionsOf(await readFile(file, 'utf8'))) {
    const stage = stages.at(-1);
    if (word === 'FROM') {
      const [from, , name] = substitute(text, globals).split(/\s+/);
      stages.push({ from: from as string, name, instructions: [] });
    } else if (stage) stage.instructions.push({ word, text });
    else if (word === 'ARG') Object.assign(globals, Object.fromEntries([argument(text)]));
    else throw new Error(`${word} before the first FROM`);
  }
  return { globals, stages };
}

/** The text of the last instruction with this word. */
export function lastOf({ instructions }: Stage, word: string): string {
  const found = instructions.findLast((instruction) => instruction.word === word);
  if (!found) throw new Error(`there is no ${word}`);
  return found.text;
}

/** The labels of a stage, with the defaults of its arguments filled in. */
export function labelsOf(stage: Stage): Record<string, string> {
  const values = Object.fromEntries(
    stage.instructions.filter(({ word }) => word === 'ARG').map(({ text }) => argument(text)),
  );
  const labels = stage.instructions
    .filter(({ word }) => word === 'LABEL')
    .map(({ text }) => text)
    .join(' ');
  const pairs = [...labels.matchAll(/([\w.]+)="([^"]*)"/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, substitute(value as string, values)]));
}

function instructionsOf(text: string): Instruction[] {
  const lines = text.split('\n').filter((line) => !/^\s*(#|$)/.test(line));
  return lines
    .join('\n')
    .replace(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => {
      const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      return { word, text: rest.trim() };
    });
}

function argument(text: string): [string, string] {
  const [name, value = ''] = text.split('=', 2);
  return [name as string, value];
}

function substitute(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
