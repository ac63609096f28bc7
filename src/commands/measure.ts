import { accessSync, constants } from 'node:fs';
import { messageOf, WattlineError } from '../errors.ts';
import { findCommand } from '../measure/command.ts';
import { figuresOf, type Prices } from '../measure/figures.ts';
import { catchSignals } from '../measure/interruption.ts';
import { type MeasureOptions, parseMeasure, pricesFor } from '../measure/options.ts';
import { checkResultsFile } from '../measure/results-file.ts';
import type { Scenario } from '../measure/scenario.ts';
import { measureSeries, type Series } from '../measure/series.ts';
import { formatDifference, formatRuns, type Row } from '../measure/tables.ts';
import { loadModel } from './stored-model.ts';

/**
 * Measures the command given by `words` as the raw `options` of the command line say, and prints the results. Resolves
 * with the exit status for this process: that of a failed run, or 128 + n after signal n.
 */
export async function measure(
  words: readonly string[],
  options: unknown,
  { stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>,
): Promise<number> {
  const { commands, options: checked } = parseMeasure(words, options);
  if (process.platform !== 'linux') {
    throw new WattlineError('START_FAILED', `measure needs the CPU accounting of Linux; this is ${process.platform}`);
  }
  for (const { commandLine } of commands) findCommand(commandLine[0] as string);
  if (checked.vmaf !== undefined) checkReference(checked.vmaf);
  const trained = checked.model === undefined ? undefined : await loadModel(checked.model);
  if (checked.output !== undefined) await checkResultsFile(checked.output);
  const kill = new AbortController();
  const { stop, close } = catchSignals(['SIGINT', 'SIGTERM', 'SIGHUP'], () => kill.abort());
  const print = (message: string) => stderr.write(`wattline: ${message}\n`);
  try {
    const series = await measureSeries(commands, checked, { stop, kill: kill.signal }, print, trained);
    stdout.write(`${report(series, checked)}\n`);
    return series.exitStatus;
  } finally {
    close();
  }
}

/** Throws `START_FAILED` where the reference of VMAF cannot be read, before anything runs. */
function checkReference(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new WattlineError('START_FAILED', `the video of --vmaf cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function rowOf(scenario: Scenario, prices: Prices): Row {
  const { name, power } = scenario;
  return { name, power, figures: figuresOf(scenario, prices) };
}

function report(series: Series, options: MeasureOptions): string {
  const { prices, notes } = pricesFor(options);
  const groups = series.scenarios
    .filter(({ length }) => length > 0)
    .map((scenarios) => scenarios.map((scenario) => rowOf(scenario, prices)));
  const [first, second] = groups;
  const written = options.output === undefined ? [] : [`Written to ${options.output}.`];
  const lines = [...series.notes, ...notes, ...written];
  const difference = first && second ? [formatDifference(first, second)] : [];
  return [...groups.map(formatRuns), ...difference, lines.join('\n')].join('\n');
}
