import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AdviceKind, adviceKinds } from './advice.ts';
import { DEFAULT_TOLERANCE } from './settings/alternatives.ts';

/** The options of `advise` as they are given. */
export interface AdviseFlags {
  readonly pipeline?: string;
  readonly kind?: AdviceKind[];
  readonly regions?: string[];
  /** Durations as text. */
  readonly deadline?: string;
  readonly idleLimit: string;
  readonly vmaf?: number;
  readonly vmafTolerance: number;
  readonly joulesPerBit?: number;
  readonly views?: number;
  readonly json: boolean;
  readonly markdown: boolean;
  readonly prometheus: boolean;
  readonly verbose: boolean;
  readonly failAboveUsd?: number;
  readonly keep?: string;
  readonly id?: string[];
  readonly realised?: string;
}

/** Adds the options of `advise` to a command. */
export function describeAdvise(command: Command): Command {
  return command
    .description('say what changes would have saved on the runs of results files: money, energy and CO2')
    .option('--pipeline <id>', 'the pipeline that values the runs, where the configuration has several')
    .addOption(new Option('--kind <kind...>', 'only advice of these kinds (default: all)').choices(adviceKinds))
    .option('--regions <a,b,c>', 'the regions that runs may be moved to (default: all of their cloud)', names)
    .option('--deadline <duration>', 'how long after its start a run must have ended, as 6h; needed for advice on time')
    .option('--idle-limit <duration>', 'how long a machine may be idle', '15m')
    .option(
      '--vmaf <score>',
      'the VMAF that encodes must hold (default: what each has now, less the tolerance)',
      amount,
    )
    .option('--vmaf-tolerance <points>', 'by how much VMAF may be lower and count as equal', amount, DEFAULT_TOLERANCE)
    .option(
      '--joules-per-bit <joules>',
      'the energy that delivers a bit to a viewer, for encodes that save bits',
      amount,
    )
    .option(
      '--views <n>',
      'how often each encode is viewed; with --joules-per-bit energy is compared with all views',
      amount,
    )
    .addOption(new Option('--json', 'print it as JSON, in full precision').default(false))
    .addOption(new Option('--markdown', 'print it as Markdown').default(false).conflicts('json'))
    .addOption(
      new Option('--prometheus', 'print it as metrics, for the textfile collector of node_exporter')
        .default(false)
        .conflicts(['json', 'markdown', 'realised']),
    )
    .option('--verbose', 'say too why there is no other advice; JSON always does', false)
    .option('--fail-above-usd <usd>', 'exit status 1 if all of it together would have saved more, in USD', amount)
    .option('--keep <file>', 'add the advice to this YAML file, as accepted')
    .option('--id <id...>', 'with --keep: only this advice')
    .option('--realised <file>', 'compare runs after those of accepted advice with them, and look for no other');
}

function names(value: string): string[] {
  return value.split(',').map((name) => name.trim());
}

function amount(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0 && Number.isFinite(number)))
    throw new InvalidArgumentError('It must be a number of 0 or more.');
  return number;
}
