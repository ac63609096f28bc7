import { LRUCache } from 'lru-cache';
import { findFigure, workOf } from 'wattline/figures';
import {
  Attribute,
  describeRun,
  type Figure,
  type FigureDefinition,
  figure,
  type Line,
  type Run,
  type SourceContext,
} from 'wattline/plugin';

/** The unit of comparison: the run itself, or a unit of its work. */
const units = { run: undefined, hour: 'hour', watch_hour: 'stream_hour', pixel: 'pixel' } as const;

/** The maximum number of remembered regions, since senders may send any number of names. */
const MAX_REGIONS = 1000;

/** A quantity to save, and the figures of its savings. */
export interface Quantity {
  /** The figure that is compared. */
  readonly source: string;
  /** The processor that adds it, and the reason to count where a run has none. */
  readonly madeBy: string;
  readonly missing: string;
  /** The name of the baseline's value in the explanation. */
  readonly expected: string;
  readonly saved: FigureDefinition;
  readonly ratio: FigureDefinition;
}

export interface SavingsOptions {
  /** The scenario that the others are compared with. */
  readonly baseline: string;
  readonly per: keyof typeof units;
}

/** What a unit of work takes by a run of the baseline, and when that was. */
interface BaselineRate {
  readonly rate: number;
  readonly time: string;
}

function timeOf({ window: { start, end } }: Run): string {
  return `${start} ${end}`;
}

/** Compares a quantity of runs with that of the latest run of the baseline scenario in the same region. */
export class Savings {
  readonly #quantity: Quantity;
  readonly #options: SavingsOptions;
  readonly #ctx: SourceContext;
  /** The quantity of the baseline per unit of its work, by region; the one that was set longest ago makes room. */
  readonly #rates = new LRUCache<string, BaselineRate>({ max: MAX_REGIONS });

  constructor(quantity: Quantity, options: SavingsOptions, ctx: SourceContext) {
    this.#quantity = quantity;
    this.#options = options;
    this.#ctx = ctx;
  }

  /** Returns the savings of a run, and counts those that are unknown; remembers a run of the baseline, which has none. */
  of(run: Run): Figure[] {
    const { source, madeBy, missing, saved, ratio } = this.#quantity;
    const { baseline, per } = this.#options;
    const point = findFigure(run, source);
    if (!point) {
      const problem = `${describeRun(run)} has no \`${source}\`; the processor \`${madeBy}\` gives it one, and must come before`;
      return this.#without(saved, missing, problem);
    }
    const unit = units[per];
    const work = unit === undefined ? { value: 1, lines: [] } : workOf(run, unit);
    if (work.value === undefined) return this.#without(saved, work.reason, work.problem);
    const region = String(point.labels[Attribute.region] ?? '');
    if (run.scenario === baseline) {
      const [known, time] = [this.#rates.peek(region), timeOf(run)];
      // A former baseline that is valued again has not come last.
      const isFormer = run.restated !== undefined && known !== undefined && known.time !== time;
      if (!isFormer) this.#rates.set(region, { rate: point.value / work.value, time });
      return [];
    }
    const rate = this.#rates.peek(region)?.rate;
    if (rate === undefined) {
      const where = region === '' ? 'without a region' : `in ${region}`;
      const problem = `no run of the baseline \`${baseline}\` ${where} has come before ${describeRun(run)}`;
      return this.#without(saved, 'no_baseline', problem);
    }
    const expected = rate * work.value;
    const labels = { ...point.labels, baseline, per };
    const saving = figure(saved, expected - point.value, labels);
    const part = expected > 0 ? figure(ratio, saving.value / expected, labels) : undefined;
    this.#ctx.explain?.([...work.lines, ...this.#linesOf(rate, work.lines.at(-1)?.name, expected, saving, part)]);
    if (part) return [saving, part];
    return [saving, ...this.#without(ratio, 'zero_baseline', `the baseline \`${baseline}\` comes to 0`)];
  }

  #linesOf(rate: number, work: string | undefined, expected: number, saving: Figure, part: Figure | undefined): Line[] {
    const { source, expected: name, saved, ratio } = this.#quantity;
    const { baseline, per } = this.#options;
    const { unit } = saved;
    const note = `the latest run of the baseline \`${baseline}\` in the same region, per ${per}`;
    const perUnit = `${name}_per_${per}`;
    const lines: Line[] = [
      { name: perUnit, value: rate, unit, note },
      { name, expression: work === undefined ? perUnit : `${perUnit} * ${work}`, value: expected, unit },
      { name: saved.name, expression: `${name} - ${source}`, value: saving.value, unit },
    ];
    const expression = `${saved.name} / ${name}`;
    return part ? [...lines, { name: ratio.name, expression, value: part.value, unit: ratio.unit }] : lines;
  }

  #without({ name }: FigureDefinition, reason: string, problem: string): [] {
    this.#ctx.skip({ item: name, reason, message: `no ${name}: ${problem}` });
    return [];
  }
}
