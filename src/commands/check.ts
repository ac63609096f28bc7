import { resolve } from 'node:path';
import { authenticatorsOf } from '../config/configuration.ts';
import { type ConfigurationSource, loadConfiguration } from '../config/load.ts';
import { countOf } from '../count.ts';
import { WattlineError } from '../errors.ts';
import { assumptionsOf } from '../figures/assumptions.ts';
import { findFigure } from '../figures/figures.ts';
import { knownFigures } from '../figures/names.ts';
import { Attribute } from '../model/attributes.ts';
import { Secrets } from '../model/secrets.ts';
import { packagePath } from '../package.ts';
import type { Consumer } from '../plugin/contract.ts';
import { allTaken, type Run, type Skipped } from '../plugin/index.ts';
import type { Kind } from '../plugin/kind.ts';
import { createLogger } from '../service/logger.ts';
import { Service } from '../service/service.ts';
import { PowerCounts } from './power-counts.ts';

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

/** The budgets of a pipeline, and how the power came about that they rest on. */
interface Tally {
  readonly budgets: readonly Budget[];
  readonly power: PowerCounts;
  /** The number of runs whose price of CPU time includes the energy. */
  including: number;
  /** Sentences on the defaults that its figures rest on. */
  readonly assumptions: Set<string>;
}

/**
 * Runs the pipelines of a configuration once without their exporters, and compares the cost and emissions of all runs with
 * the limits, for each pipeline separately, since a run may go through several. Throws `OVER_BUDGET` where a limit is
 * exceeded, a run lacks the figure, or a run could not be read: the cost of unchecked runs is unknown. Names the defaults that
 * the figures rest on, which fail nothing.
 */
export async function check(options: CheckOptions): Promise<void> {
  const { stdout, stopped, secrets = new Secrets() } = options;
  const tallies = new Map<string, Tally>();
  let runs = 0;
  const sink = (pipeline: string): Consumer => {
    const empty = { sum: 0, runs: 0, without: 0 };
    const own: Budget[] = [
      { figure: knownFigures.totalCost.name, unit: 'USD', limit: options.maxUsd, ...empty },
      { figure: knownFigures.emissions.name, unit: 'kg', limit: options.maxCo2, ...empty },
    ];
    const power = new PowerCounts();
    const assumptions = new Set<string>();
    const tally: Tally = { budgets: own, power, including: 0, assumptions };
    tallies.set(pipeline, tally);
    return {
      async consume(list) {
        runs += list.length;
        for (const run of list) {
          power.add(run);
          if (findFigure(run, knownFigures.energyCost.name)?.labels[Attribute.includedIn] !== undefined)
            tally.including++;
          for (const budget of own) add(run, budget);
          for (const one of assumptionsOf(run.resource.attributes)) assumptions.add(one);
        }
        return allTaken;
      },
    };
  };
  const configuration = await loadConfiguration(options.config ?? [packagePath('config/check.yaml')], {
    ...options,
    secrets,
    given: resultsVariable(options.results),
  });
  const logger = await createLogger('warn', { secrets });
  for (const warning of configuration.warnings) logger.warn(warning);
  let unread = 0;
  const onSkip = (kind: Kind, { item }: Skipped) => {
    if (kind === 'receiver' && (item === 'run' || item === 'file')) unread++;
  };
  const service = new Service(
    { ...configuration, extensions: authenticatorsOf(configuration) },
    { logger, secrets, stdout, once: true, sink, onSkip },
  );
  await service.start(stopped);
  try {
    // A run that failed in a stage has not reached the budgets.
    const { failures } = await service.readOnce(stopped);
    for (const count of failures.values()) unread += count;
  } finally {
    await service.stop();
  }
  const used = [...tallies].filter(([, { budgets }]) => budgets.some((budget) => budget.runs > 0));
  const shown = used.length ? used : [...tallies].slice(0, 1);
  for (const [pipeline, tally] of shown) {
    for (const line of linesOf(tally)) stdout.write(`${line}${used.length > 1 ? ` (${pipeline})` : ''}\n`);
  }
  if (unread > 0 || runs === 0) {
    throw new WattlineError(
      'OVER_BUDGET',
      `checked ${countOf(runs, 'run')}; ${countOf(unread, 'run or file', 'runs or files')} could not be checked`,
    );
  }
  const limited = shown.flatMap(([, { budgets }]) => budgets.filter(({ limit }) => limit !== undefined));
  const failed = limited.filter(isExceeded).length;
  if (failed) throw new WattlineError('OVER_BUDGET', `${failed} of ${limited.length} checks failed`);
}

function add(run: Run, budget: Budget): void {
  const point = findFigure(run, budget.figure);
  budget.runs++;
  if (point) budget.sum += point.value;
  else budget.without++;
}

/** A run without the figure fails a limit, since its value is unknown. */
function isExceeded({ limit, sum, without }: Budget): boolean {
  return limit !== undefined && (without > 0 || sum > limit);
}

function linesOf({ budgets, power, including, assumptions }: Tally): string[] {
  const counts = String(power);
  const included =
    including === 0 ? [] : [`     energy included in the price of CPU time in ${countOf(including, 'run')}`];
  const assumed = Array.from(assumptions, (one) => `     assumed: ${one}`);
  return [...budgets.map(lineOf), ...(counts === '' ? [] : [`     power ${counts}`]), ...included, ...assumed];
}

function lineOf(budget: Budget): string {
  const { figure, unit, limit, sum, runs, without } = budget;
  const fails = isExceeded(budget);
  const word = fails ? 'FAIL' : limit === undefined ? '–   ' : 'ok  ';
  const isKnown = without < runs || runs === 0;
  const amount = isKnown ? `${Number(sum.toPrecision(fails ? 12 : 6))} ${unit}` : 'is not known';
  const missing = without ? `; ${without} of ${runs} runs have no such figure` : '';
  return `${word} ${figure} ${amount}, ${limit === undefined ? 'no limit' : `limit ${limit} ${unit}`}${missing}`;
}

/** Returns the globs as the text of a YAML list, as which a value that is one `${…}` expression is parsed. */
function resultsVariable(results: readonly string[]): Record<string, string> {
  const globs = results.length ? results : ['test_results_*.json'];
  return { WATTLINE_RESULTS: JSON.stringify(globs.map((glob) => resolve(glob))) };
}
