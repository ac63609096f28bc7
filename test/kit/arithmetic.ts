/** A printed line of arithmetic: what it says that it comes to, and what that is when it is worked out anew. */
export interface Recomputed {
  readonly name: string;
  readonly printed: number;
  /** The same as `printed` where the line has no expression. */
  readonly recomputed: number;
}

/** `  name = expression = value unit`, the expression and the unit left out where there is none. */
const LINE = /^ {2}(\w+) = (?:(.+) = )?(-?[\d.]+(?:e[+-]?\d+)?)(?: \D.*)?$/;

/** Works out what `wattline explain` has printed of one run, each line from the numbers and the lines before it. */
export function recompute(block: string): Recomputed[] {
  const known = new Map<string, number>();
  return block.split('\n').flatMap((line) => {
    const [, name, expression, value] = LINE.exec(line) ?? [];
    if (name === undefined) return [];
    const printed = Number(value);
    const recomputed = expression === undefined ? printed : evaluate(expression, known);
    known.set(name, recomputed);
    return [{ name, printed, recomputed }];
  });
}

/** The blocks that `wattline explain` has printed, by the scenarios that head them. */
export function blocksOf(text: string): Map<string, string> {
  const blocks = text.split(/\n(?=\S)/).map((block) => [block.slice(0, block.indexOf('\n')), block] as const);
  return new Map(blocks);
}

function evaluate(expression: string, known: ReadonlyMap<string, number>): number {
  const text = expression.replace(/[A-Za-z_]\w*/g, (name, at: number) => {
    if (/^e$/i.test(name) && /\d/.test(expression[at - 1] ?? '')) return name;
    const value = known.get(name);
    if (value === undefined) throw new Error(`\`${name}\` is not known in ${expression}`);
    return `(${value})`;
  });
  if (!/^[\d\s+\-*/().e]+$/.test(text)) throw new Error(`${expression} is not plain arithmetic`);
  return new Function(`return ${text}`)() as number;
}
