import { columnOf } from './run-figures.ts';

/** What has a unit that is not per something: ratios and rates of runs do not add up. */
const AMOUNT = /\[[^/\]]+\]$/;

/** The sum of one figure. */
export interface Sum {
  readonly name: string;
  readonly unit: string;
  readonly column: string;
  value: number;
  /** How many runs had it. */
  runs: number;
  /** The last of them, and what the sum was before it. */
  lastRun: number;
  before: number;
}

/** Sums over all runs of their figures. Runs mostly have the same ones in the same order, and then none is looked up. */
export class Totals {
  /** The number of runs so far. */
  runs = 0;
  /** How many came again with other figures, which are not in the sums. */
  restated = 0;
  readonly #sums = new Map<string, Sum>();
  /** The same by the last unit that came with a name, whose columns need not be worked out again. */
  readonly #named = new Map<string, Sum>();
  #order: Sum[] = [];
  #next = 0;

  /** Those that add up, in the order in which they first came. */
  get sums(): Sum[] {
    return [...this.#sums.values()].filter(({ column }) => AMOUNT.test(column));
  }

  /** Begins with the next run. */
  nextRun(): void {
    this.runs++;
    this.#next = 0;
  }

  /** Adds a figure of the run; of two in the same column the later one counts. */
  readonly add = (name: string, unit: string, value: number): void => {
    const expected = this.#order[this.#next];
    const sum = expected?.name === name && expected.unit === unit ? expected : this.#find(name, unit);
    this.#next++;
    if (sum.lastRun !== this.runs) {
      sum.lastRun = this.runs;
      sum.before = sum.value;
      sum.runs++;
    }
    sum.value = sum.before + value;
  };

  #find(name: string, unit: string): Sum {
    const known = this.#named.get(name);
    const sum = known?.unit === unit ? known : this.#inColumn(name, unit);
    this.#order[this.#next] = sum;
    return sum;
  }

  #inColumn(name: string, unit: string): Sum {
    const column = columnOf(name, unit);
    const sum = this.#sums.get(column) ?? { name, unit, column, value: 0, runs: 0, lastRun: 0, before: 0 };
    this.#sums.set(column, sum);
    this.#named.set(name, sum);
    return sum;
  }
}
