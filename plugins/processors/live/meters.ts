import { isCounter, type Meaning, meaningOf, meanings } from 'wattline/figures';

/** Metrics that the configuration says to be meters. */
export interface MeterRule {
  /** Whether a metric of that name is one of them. */
  matches(name: string): boolean;
  /** What the metric of that name measures, which it matches. */
  meaningOf(name: string): Meaning;
}

/** What a metric measures, and how many come before it where several measure the same. */
interface Known {
  readonly meaning: Meaning | undefined;
  readonly order: number;
}

/** How many names are known at once: senders make them. */
const MOST_NAMES = 10_000;
/** How long a name is that is kept. */
const LONGEST = 500;
/** More than there are rules, or rows of the table. */
const MANY = 1e6;

/** The metrics that are read: those of the configuration, and of the others those of the table. */
export class Meters {
  readonly #rules: readonly MeterRule[];
  readonly #known = new Map<string, Known>();

  constructor(rules: readonly MeterRule[] = []) {
    this.#rules = rules;
  }

  /** What the metric of that name measures; undefined where it is no meter. */
  of(name: string): Meaning | undefined {
    return this.#find(name).meaning;
  }

  /** Of two metrics that measure the same the one with the lower number is used: a counter, then one of the configuration. */
  orderOf(name: string): number {
    return this.#find(name).order;
  }

  #find(name: string): Known {
    const known = this.#known.get(name);
    if (known) return known;
    const found = this.#look(name);
    if (name.length > LONGEST) return found;
    if (this.#known.size === MOST_NAMES) this.#known.clear();
    this.#known.set(name, found);
    return found;
  }

  #look(name: string): Known {
    const rule = this.#rules.findIndex((one) => one.matches(name));
    const meaning = this.#rules[rule]?.meaningOf(name) ?? meaningOf(name);
    if (!meaning) return { meaning, order: 4 * MANY };
    const row = rule >= 0 ? rule : MANY + meanings.indexOf(meaning);
    return { meaning, order: isCounter(meaning) ? row : 2 * MANY + row };
  }
}
