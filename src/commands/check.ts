import { resolve } from 'node:path';
import { type ConfigurationSource, loadConfiguration } from '../config/load.ts';
import { countOf } from '../count.ts';
import { WattlineError } from '../errors.ts';
import { findFigure } from '../figures/figures.ts';
import { knownFigures } from '../figures/names.ts';
import { Loader } from '../loader.ts';
import { packagePath } from '../package.ts';
import type { Consumer } from '../plugin/contract.ts';
import { allTaken, type Run, type Skipped } from '../plugin/index.ts';
import type { Kind } from '../plugin/kind.ts';
import { createLogger } from '../service/logger.ts';
import { Service } from '../service/service.ts';

export interface CheckOptions extends Omit<ConfigurationSource, 'config'> {
  /** Results files or globs, relative to the working directory: the value of `${env:WATTLINE_RESULTS}`. */
  readonly results: readonly string[];
  /** Configurations that replace the package's own. */
  readonly config?: readonly string[] | undefined;
  /** The maximum cost of all runs together, in USD. */
  readonly maxUsd?: number | undefined;
  /** The maximum emissions of all runs together, in kg CO₂e. */
  readonly maxCo2?: number | undefined;
  readonly stdout: NodeJS.WritableStream;
  readonly stopped: AbortSignal;
}

/** Sums a figure over the runs of a pipeline and compares it with a limit. */
class Budget {
  readonly #figure: string;
  readonly #unit: string;
  readonly #limit: number | undefined;
  #sum = 0;
  #runs = 0;
  #without = 0;

  constructor(figure: string, unit: string, limit: number | undefined) {
    this.#figure = figure;
    this.#unit = unit;
    this.#limit = limit;
  }

  get runs(): number {
    return this.#runs;
  }

  add(run: Run): void {
    const point = findFigure(run, this.#figure);
    this.#runs++;
    if (point) this.#sum += point.value;
    else this.#without++;
  }

  /** Returns one line of result, and whether it fails: a run without the figure fails, since its value is unknown. */
  verdict(): { line: string; fails: boolean; isLimited: boolean } {
    const fails = this.#limit !== undefined && (this.#without > 0 || this.#sum > this.#limit);
    const limited = this.#limit !== undefined;
    const limit = limited ? `limit ${this.#limit} ${this.#unit}` : 'no limit';
    const without = this.#without ? `; ${this.#without} of ${this.#runs} runs have no such figure` : '';
    const sum = Number(this.#sum.toPrecision(fails ? 12 : 6));
    const word = fails ? 'FAIL' : limited ? 'ok  ' : '–   ';
    return { line: `${word} ${this.#figure} ${sum} ${this.#unit}, ${limit}${without}`, fails, isLimited: limited };
  }
}

/**
 * Runs the pipelines of a configuration once without their exporters, and compares the cost and emissions of all runs with
 * the limits, for each pipeline separately, since a run may go through several. Throws `OVER_BUDGET` where a limit is
 * exceeded, a run lacks the figure, or a run could not be read: the cost of unchecked runs is unknown.
 */
export async function check(options: CheckOptions): Promise<void> {
  const { stdout, stopped } = options;
  const budgets = new Map<string, readonly Budget[]>();
  let runs = 0;
  const sink = (pipeline: string): Consumer => {
    const own = [
      new Budget(knownFigures.totalCost.name, 'USD', options.maxUsd),
      new Budget(knownFigures.emissions.name, 'kg', options.maxCo2),
    ];
    budgets.set(pipeline, own);
    return {
      async consume(list) {
        runs += list.length;
        for (const budget of own) for (const run of list) budget.add(run);
        return allTaken;
      },
    };
  };
  const configuration = await loadConfiguration(options.config ?? [packagePath('config/check.yaml')], {
    loader: new Loader(),
    environment: { ...options.environment, ...resultsVariable(options.results) },
    set: options.set,
  });
  const logger = await createLogger('warn');
  for (const warning of configuration.warnings) logger.warn(warning);
  let unread = 0;
  const onSkip = (kind: Kind, { item }: Skipped) => {
    if (kind === 'receiver' && (item === 'run' || item === 'file')) unread++;
  };
  const service = new Service({ ...configuration, extensions: [] }, { logger, stdout, once: true, sink, onSkip });
  await service.start(stopped);
  try {
    // A run that failed in a stage has not reached the budgets.
    const { failures } = await service.readOnce(stopped);
    for (const count of failures.values()) unread += count;
  } finally {
    await service.stop();
  }
  const verdicts = verdictsOf(budgets);
  stdout.write(verdicts.map(({ line }) => `${line}\n`).join(''));
  if (unread > 0 || runs === 0) {
    throw new WattlineError(
      'OVER_BUDGET',
      `checked ${countOf(runs, 'run')}; ${countOf(unread, 'run or file', 'runs or files')} could not be checked`,
    );
  }
  const failed = verdicts.filter(({ fails }) => fails).length;
  const checked = verdicts.filter(({ isLimited }) => isLimited).length;
  if (failed) throw new WattlineError('OVER_BUDGET', `${failed} of ${checked} checks failed`);
}

/** Returns the results of all pipelines that had runs, with their names where there are several. */
function verdictsOf(budgets: ReadonlyMap<string, readonly Budget[]>): ReturnType<Budget['verdict']>[] {
  const all = [...budgets].map(([pipeline, own]) => ({ pipeline, own }));
  const used = all.filter(({ own }) => own.some(({ runs }) => runs > 0));
  return (used.length ? used : all.slice(0, 1)).flatMap(({ pipeline, own }) =>
    own.map((budget) => {
      const verdict = budget.verdict();
      return used.length > 1 ? { ...verdict, line: `${verdict.line} (${pipeline})` } : verdict;
    }),
  );
}

/** Returns the globs as the text of a YAML list, as which a value that is one `${…}` expression is parsed. */
function resultsVariable(results: readonly string[]): Record<string, string> {
  const globs = results.length ? results : ['test_results_*.json'];
  return { WATTLINE_RESULTS: JSON.stringify(globs.map((glob) => resolve(glob))) };
}
