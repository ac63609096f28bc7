import type { Attributes } from '@opentelemetry/api';
import { findFigure, workOf } from 'wattline/figures';
import { Attribute, describeRun, type FigureDefinition, type Line, type Run } from 'wattline/plugin';

/** The unit of comparison: the run itself, or a unit of its work. */
const units = { run: undefined, hour: 'hour', watch_hour: 'stream_hour', pixel: 'pixel' } as const;

export type Per = keyof typeof units;

/** The maximum number of remembered regions, since senders may send any number of names. */
const MAX_REGIONS = 1000;

/** A quantity to save, and the figures of its savings. */
export interface Comparison {
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

export interface Saved {
  /** The value of the baseline for the same work minus that of the run; negative where the run's is higher. */
  readonly saved: number;
  /** The savings as a ratio of the baseline's value; undefined where that is 0. */
  readonly ratio: number | undefined;
  /** The labels of the compared figure. */
  readonly labels: Attributes;
  readonly lines: readonly Line[];
}

export interface NotSaved {
  readonly reason: string;
  readonly problem: string;
}

/** Compares a quantity of runs with that of the latest run of the baseline scenario in the same region. */
export class Savings {
  readonly #quantity: Comparison;
  readonly #baseline: string;
  readonly #per: Per;
  /** The quantity of the baseline per unit of its work, by region. */
  readonly #rates = new Map<string, number>();

  constructor(quantity: Comparison, baseline: string, per: Per) {
    this.#quantity = quantity;
    this.#baseline = baseline;
    this.#per = per;
  }

  /** Returns the savings of a run, or why they are unknown; undefined for a run of the baseline, which it remembers. */
  of(run: Run): Saved | NotSaved | undefined {
    const { source, madeBy, missing } = this.#quantity;
    const point = findFigure(run, source);
    if (!point) {
      const problem = `${describeRun(run)} has no \`${source}\`; the processor \`${madeBy}\` gives it one, and must come before`;
      return { reason: missing, problem };
    }
    const unit = units[this.#per];
    const work = unit === undefined ? { value: 1, lines: [] } : workOf(run, unit);
    if (work.value === undefined) return work;
    const region = String(point.labels[Attribute.region] ?? '');
    if (run.scenario === this.#baseline) {
      this.#remember(region, point.value / work.value);
      return undefined;
    }
    const rate = this.#rates.get(region);
    if (rate === undefined) {
      const where = region === '' ? 'without a region' : `in ${region}`;
      const problem = `no run of the baseline \`${this.#baseline}\` ${where} has come before ${describeRun(run)}`;
      return { reason: 'no_baseline', problem };
    }
    const expected = rate * work.value;
    const saved = expected - point.value;
    const ratio = expected > 0 ? saved / expected : undefined;
    return { saved, ratio, labels: point.labels, lines: this.#explain(rate, work.lines, expected, saved, ratio) };
  }

  #remember(region: string, rate: number): void {
    this.#rates.delete(region);
    this.#rates.set(region, rate);
    const [oldest] = this.#rates.keys();
    if (this.#rates.size > MAX_REGIONS) this.#rates.delete(oldest as string);
  }

  #explain(rate: number, of: readonly Line[], expected: number, saved: number, ratio?: number): Line[] {
    const { source, expected: name, saved: savings, ratio: part } = this.#quantity;
    const { unit } = savings;
    const note = `the latest run of the baseline \`${this.#baseline}\` in the same region, per ${this.#per}`;
    const work = of.at(-1)?.name;
    const perUnit = `${name}_per_${this.#per}`;
    return [
      ...of,
      { name: perUnit, value: rate, unit, note },
      { name, expression: work === undefined ? perUnit : `${perUnit} * ${work}`, value: expected, unit },
      { name: savings.name, expression: `${name} - ${source}`, value: saved, unit },
      ...(ratio === undefined
        ? []
        : [{ name: part.name, expression: `${savings.name} / ${name}`, value: ratio, unit: part.unit }]),
    ];
  }
}
