import fc from 'fast-check';
import { corpusOf, type Entry } from './corpus.ts';
import { costOf, leastOf, type Outcome, spentOn, stepTime } from './cost.ts';
import { editsOf } from './edits.ts';
import { type Cost, grown, hold, type Target } from './target.ts';

/** A message is for people; texts of senders in it are cut. */
const LONGEST_REFUSAL = 2000;
/** How often a case is measured again that seems to cost too much: a collection of garbage, or a compiler, may have come in. */
const ATTEMPTS = 5;
/** Growing texts are of this size, and of a quarter of it. */
const LONGEST = 256 * 1024;
/** Less CPU time than that, in microseconds, says nothing. */
const LEAST_TIME = 2000;
/** Four times the bytes may take so many times as much CPU time; where that grows with the square it is sixteen times. */
const MOST_GROWTH = 9;

export interface CampaignOptions {
  readonly cases: number;
  readonly seed: number;
  /** Whether growing texts are as long as they may be, and not a quarter of it. */
  readonly isThorough?: boolean;
  /** Called with the bytes of a case before they are read. */
  readonly onCase?: (bytes: Uint8Array) => void;
}

/** What became of the cases of a target. */
export interface Report {
  readonly cases: number;
  readonly accepted: number;
  readonly refused: number;
  /** The worst of each, and the most growth of time where bytes grow to four times as many. */
  readonly worst: Cost & { growth: number };
  /** The case that failed, shrunk, and why. */
  readonly failure?: { readonly bytes: Uint8Array; readonly why: string };
}

/** Runs the corpus of a target, then its growing texts, then cases that are generated and edited by turns. */
export async function campaign<T>(
  target: Target<T>,
  { cases, seed, isThorough = false, onCase }: CampaignOptions,
): Promise<Report> {
  const trial = new Trial(target, onCase);
  const corpus = corpusOf(target.name);
  const own = (await trial.corpus(corpus)) ?? (await trial.growing(isThorough ? 1 : 1 / 4));
  if (own) return trial.report(own);
  const words = (target.words ?? []).map((word) => Buffer.from(word));
  const entries = corpus.length ? corpus.map(({ bytes }) => bytes) : [Buffer.alloc(0)];
  const arbitrary = fc.oneof(
    target.generated,
    editsOf({ corpus: entries, words, most: (target.longest ?? LONGEST) / 2 }),
  );
  const checked = await fc.check(
    fc.asyncProperty(arbitrary, (bytes) => trial.run(bytes)),
    { numRuns: cases, seed },
  );
  if (!checked.failed) return trial.report();
  const [bytes = new Uint8Array()] = checked.counterexample ?? [];
  return trial.report({ bytes, why: whyOf(checked.errorInstance) });
}

/** Runs cases of a target and remembers what they came to. */
class Trial<T> {
  readonly #target: Target<T>;
  readonly #onCase: ((bytes: Uint8Array) => void) | undefined;
  readonly #step = stepTime();
  readonly #worst = { steps: 0, memory: 0, made: 0, growth: 0 };
  #accepted = 0;
  #refused = 0;

  constructor(target: Target<T>, onCase: ((bytes: Uint8Array) => void) | undefined) {
    this.#target = target;
    this.#onCase = onCase;
  }

  report(failure?: Report['failure']): Report {
    const [accepted, refused] = [this.#accepted, this.#refused];
    return { cases: accepted + refused, accepted, refused, worst: this.#worst, ...(failure && { failure }) };
  }

  async corpus(entries: readonly Entry[]): Promise<Report['failure']> {
    for (const { name, bytes } of entries) {
      try {
        await this.run(bytes);
      } catch (error) {
        return { bytes, why: `${name}: ${whyOf(error)}` };
      }
    }
    return undefined;
  }

  /** Runs growing texts, and expects their time to grow no more than they do. */
  async growing(scale: number): Promise<Report['failure']> {
    const { growing = [], longest = LONGEST } = this.#target;
    for (const one of growing) {
      const [small, large] = [grown(one, (scale * longest) / 4), grown(one, scale * longest)];
      try {
        await this.run(small);
        let growth = Number.POSITIVE_INFINITY;
        for (let attempt = 0; attempt < ATTEMPTS && growth > MOST_GROWTH / 2; attempt++) {
          growth = Math.min(growth, (await this.#timeOf(large)) / Math.max(LEAST_TIME, await this.#timeOf(small)));
        }
        this.#worst.growth = Math.max(this.#worst.growth, growth);
        hold(growth <= MOST_GROWTH, () => `four times the bytes of \`${one.part}\` take ${growth} times as much time`);
      } catch (error) {
        return { bytes: small, why: whyOf(error) };
      }
    }
    return undefined;
  }

  /** Throws where something does not hold of these bytes. */
  async run(given: Uint8Array): Promise<void> {
    const target = this.#target;
    const bytes = Buffer.from(given);
    this.#onCase?.(bytes);
    const [outcome, spent] = await spentOn(() => target.read(bytes));
    const made = await this.#made(outcome, bytes);
    let least = spent;
    let cost = costOf(least, made, bytes.length, this.#step);
    for (let attempt = 0; attempt < ATTEMPTS && this.#isWorst(cost); attempt++) {
      least = leastOf(least, (await spentOn(() => target.read(bytes)))[1]);
      cost = costOf(least, made, bytes.length, this.#step);
    }
    for (const what of ['steps', 'memory', 'made'] as const) {
      this.#worst[what] = Math.max(this.#worst[what], cost[what]);
      const problem = () => `it takes ${cost[what]} ${what} a byte, of ${target.most[what]} that it may take`;
      hold(cost[what] <= target.most[what], problem);
    }
  }

  #isWorst({ steps, memory }: Cost): boolean {
    return steps > this.#worst.steps || memory > this.#worst.memory;
  }

  async #made(outcome: Outcome<T>, bytes: Buffer): Promise<number> {
    const target = this.#target;
    if ('value' in outcome) {
      this.#accepted++;
      return target.check(outcome.value, bytes);
    }
    const { error } = outcome;
    if (!(error instanceof Error) || !target.isRefusal(error)) throw error;
    const { longestRefusal = LONGEST_REFUSAL } = target;
    hold(error.message.length <= longestRefusal, () => `the refusal has ${error.message.length} characters`);
    target.checkRefusal?.(error, bytes);
    this.#refused++;
    return 1;
  }

  async #timeOf(bytes: Buffer): Promise<number> {
    return (await spentOn(() => this.#target.read(bytes)))[1].time;
  }
}

function whyOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
