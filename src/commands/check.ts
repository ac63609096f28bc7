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

/** A figure that is summed over the runs of a pipeline. */
interface Budget {
  readonly figure: string;
  readonly unit: string;
  readonly limit: number | undefined;
  sum: number;
  runs: number;
  /** The number of runs without the figure. */
  without: number;
}

/** A line of the result. */
interface Verdict {
  readonly line: string;
  readonly fails: boolean;
  readonly isLimited: boolean;
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
    const empty = { sum: 0, runs: 0, without: 0 };
    const own: Budget[] = [
      { figure: knownFigures.totalCost.name, unit: 'USD', limit: options.maxUsd, ...empty },
      { figure: knownFigures.emissions.name, unit: 'kg', limit: options.maxCo2, ...empty },
    ];
    budgets.set(pipeline, own);
    return {
      async consume(list) {
        runs += list.length;
        for (const budget of own) for (const run of list) add(run, budget);
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

function add(run: Run, budget: Budget): void {
  const point = findFigure(run, budget.figure);
  budget.runs++;
  if (point) budget.sum += point.value;
  else budget.without++;
}

/** Returns the results of all pipelines that had runs, with their names where there are several. */
function verdictsOf(budgets: ReadonlyMap<string, readonly Budget[]>): Verdict[] {
  const all = [...budgets];
  const used = all.filter(([, own]) => own.some(({ runs }) => runs > 0));
  return (used.length ? used : all.slice(0, 1)).flatMap(([pipeline, own]) =>
    own.map((budget) => verdictOf(budget, used.length > 1 ? ` (${pipeline})` : '')),
  );
}

/** A run without the figure fails a limit, since its value is unknown. */
function verdictOf({ figure, unit, limit, sum, runs, without }: Budget, name: string): Verdict {
  const isLimited = limit !== undefined;
  const fails = isLimited && (without > 0 || sum > limit);
  const word = fails ? 'FAIL' : isLimited ? 'ok  ' : '–   ';
  const amount = `${Number(sum.toPrecision(fails ? 12 : 6))} ${unit}`;
  const missing = without ? `; ${without} of ${runs} runs have no such figure` : '';
  const line = `${word} ${figure} ${amount}, ${isLimited ? `limit ${limit} ${unit}` : 'no limit'}${missing}${name}`;
  return { line, fails, isLimited };
}

/** Returns the globs as the text of a YAML list, as which a value that is one `${…}` expression is parsed. */
function resultsVariable(results: readonly string[]): Record<string, string> {
  const globs = results.length ? results : ['test_results_*.json'];
  return { WATTLINE_RESULTS: JSON.stringify(globs.map((glob) => resolve(glob))) };
}
