import type { Command } from 'commander';
import { collect } from '../measure/command-line.ts';

/** Adds the arguments and options of `train` to a command, which checks their values. */
export function describeTrain(command: Command): Command {
  return command
    .description('learn from results files what power and CPU time depend on, and write a model file')
    .argument('<results...>', 'results files or globs')
    .requiredOption('-o, --output <file>', 'the model file to write')
    .option('--target <names>', 'what is predicted: power, cpu, or both with a comma between them (default: both)')
    .option('--feature <name>', 'what it depends on, such as streams, cpu_cores or pixels_per_second', 'streams')
    .option('--group-by <attributes>', 'what tells groups with a curve of their own apart, as encoder,host.name', '')
    .option('--model <kind>', 'the kind of curve: auto, linear, power or monotone', 'auto')
    .option('--power <kinds>', 'the runs to learn from, by their power', 'measured,modelled')
    .option('--outside-range <rule>', 'what becomes of predictions outside of it: flag, widen or refuse', 'widen')
    .option('--interval-level <level>', 'the part of runs that intervals are to hold, between 0 and 1', '0.9')
    .option('--max-watts <power>', 'the most that the host can draw; no more is predicted');
}

/** Adds the arguments and options of `predict` to a command, which checks their values. */
export function describePredict(command: Command): Command {
  return command
    .description(
      'print what a run would draw, cost and emit, by a model file or by a model of the runs in results files',
    )
    .argument('[results...]', 'results files or globs to learn from, where no --model is given')
    .option('--model <file>', 'a model file that `wattline train` has written')
    .option('--streams <n>', 'how many streams the run has')
    .option('--encoder <name>', 'its encoder, such as libx264')
    .option('--bitrate <rate>', 'the bitrate of each stream, such as 2500k')
    .option(
      '--with <name=value>',
      'what else it has, as frame_rate=30, cpu_cores=2, preset=slow or host.name=a',
      collect,
    )
    .option('--duration <time>', 'how long it takes, as 60 or 1m', '1h')
    .option('--region <region>', "where it runs, for price and carbon intensity (default: the configuration's)")
    .option('--json', 'print it as JSON, in full precision', false);
}

/** Adds the arguments and options of `evaluate` to a command, which checks their values. */
export function describeEvaluate(command: Command): Command {
  return command
    .description('print how far the predictions of a model file are from the runs of results files, and draw both')
    .argument('<model>', 'a model file that `wattline train` has written')
    .argument('<results...>', 'results files or globs, best of runs that it was not trained on')
    .option('--svg <file>', 'write the drawing to an SVG file too');
}
