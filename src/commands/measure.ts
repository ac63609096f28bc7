import { cpus } from 'node:os';
import { WattlineError } from '../errors.ts';
import { findCommand } from '../measure/command.ts';
import { figuresOf } from '../measure/figures.ts';
import { catchSignals } from '../measure/interruption.ts';
import { Measurement } from '../measure/measurement.ts';
import { provenanceNotes } from '../measure/notes.ts';
import { type MeasureOptions, parseMeasure, pricesFor } from '../measure/options.ts';
import { checkResultsFile } from '../measure/results-file.ts';
import { formatDifference, formatRuns } from '../measure/tables.ts';

export interface MeasureStreams {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/**
 * Measures the command given by `words` as the raw `options` of the command line say, and prints the results. Resolves
 * with the exit status for this process: that of a failed run, or 128 + n after signal n.
 */
export async function measure(
  words: readonly string[],
  options: unknown,
  { stdout, stderr }: MeasureStreams,
): Promise<number> {
  const { commands, options: checked } = parseMeasure(words, options);
  if (process.platform !== 'linux') {
    throw new WattlineError('START_FAILED', `measure needs the CPU accounting of Linux; this is ${process.platform}`);
  }
  for (const { commandLine } of commands) findCommand(commandLine[0] as string);
  if (checked.output !== undefined) await checkResultsFile(checked.output);
  const interruption = catchSignals();
  const print = (message: string) => stderr.write(`wattline: ${message}\n`);
  try {
    const measurement = new Measurement(commands, checked, interruption, print);
    await measurement.run();
    stdout.write(`${report(measurement, checked)}\n`);
    return measurement.exitStatus;
  } finally {
    interruption.close();
  }
}

function report(measurement: Measurement, options: MeasureOptions): string {
  const { prices, notes } = pricesFor(options);
  const groups = measurement.scenarios
    .filter(({ length }) => length > 0)
    .map((scenarios) => scenarios.map((scenario) => ({ name: scenario.name, figures: figuresOf(scenario, prices) })));
  const [first, second] = groups;
  const facts = { ...measurement, logicalCpus: cpus().length };
  const lines = [
    ...measurement.notes,
    ...provenanceNotes(measurement.scenarios.flat(), facts),
    ...notes,
    ...(options.output === undefined ? [] : [`Written to ${options.output}.`]),
  ];
  const difference = first && second ? [formatDifference(first, second)] : [];
  return [...groups.map(formatRuns), ...difference, lines.join('\n')].join('\n');
}
