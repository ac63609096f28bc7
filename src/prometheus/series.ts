import type { Labels } from '../figures/index.ts';

/** A value of a series, which is finite, and its time in milliseconds since 1970. */
export interface Point {
  readonly name: string;
  readonly labels: SeriesLabels;
  readonly time: number;
  readonly value: number;
}

/** At least one value of a series, each at its time in milliseconds since 1970; all values are finite. */
export interface PointSeries {
  readonly name: string;
  readonly labels: SeriesLabels;
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** The oldest and the newest time among points, in milliseconds since 1970; undefined where there is none. */
export function timeSpan(
  points: readonly Point[],
  series: readonly PointSeries[],
): { oldest: number; newest: number } | undefined {
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  const include = (time: number) => {
    if (time < oldest) oldest = time;
    if (time > newest) newest = time;
  };
  for (const { time } of points) include(time);
  for (const { times } of series) times.forEach(include);
  return newest < oldest ? undefined : { oldest, newest };
}

/** The labels of some series; what requests say of them is made once, however many series share them. */
export class SeriesLabels {
  readonly all: Labels;
  #text: string | undefined;
  #json: string | undefined;

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
}

function textOf(labels: Labels): string {
  let text = '';
  for (const name in labels) text += `${text ? ',' : ''}${name}="${escapeValue(labels[name] as string)}"`;
  return text;
}

function escapeValue(value: string): string {
  // Looking first is a third faster over all: hardly any value has such a character.
  if (!/[\\"\n]/.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
