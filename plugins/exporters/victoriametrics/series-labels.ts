import type { Labels } from 'wattline/figures';

/** The labels of some series; what requests say of them is made once, however many series share them. */
export class SeriesLabels {
  readonly all: Labels;
  #text: string | undefined;
  #json: string | undefined;
  #size: LabelSize | undefined;

  constructor(all: Labels) {
    this.all = all;
  }

  /** As the text format and queries have them, `name="value",…`; empty where there are none. */
  get text(): string {
    this.#text ??= textOf(this.all);
    return this.#text;
  }

  /** As members of a JSON object, `"name":"value",…`; empty where there are none. */
  get json(): string {
    this.#json ??= JSON.stringify(this.all).slice(1, -1);
    return this.#json;
  }

  get size(): LabelSize {
    this.#size ??= sizeOf(this.all);
    return this.#size;
  }
}

/** How many labels there are, and the longest of their names and values in UTF-16 units. */
export interface LabelSize {
  readonly count: number;
  readonly longestName: number;
  readonly longestValue: number;
}

function textOf(labels: Labels): string {
  let text = '';
  for (const name in labels) text += `${text ? ',' : ''}${name}="${escapeValue(labels[name] as string)}"`;
  return text;
}

function sizeOf(labels: Labels): LabelSize {
  let count = 0;
  let longestName = 0;
  let longestValue = 0;
  for (const name in labels) {
    count++;
    longestName = Math.max(longestName, name.length);
    longestValue = Math.max(longestValue, (labels[name] as string).length);
  }
  return { count, longestName, longestValue };
}

const SPECIAL = /[\\"\n]/;

function escapeValue(value: string): string {
  // Looking first is a third faster over all: hardly any value has such a character.
  if (!SPECIAL.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
