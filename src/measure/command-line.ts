import type { Command } from 'commander';

/** Adds the options of `measure` to a command; `measure` checks their values. */
export function describeMeasure(command: Command): Command {
  const each = '; with --compare it may be given twice, once for each command';
  return command
    .description(
      "run a command, measure its CPU and power, and print its energy, cost and CO2; ends with the command's exit status",
    )
    .argument('<command...>', 'the command with its arguments, after `--`')
    .option('--name <name>', `the name of the run (default: the program's)${each}`, collect)
    .option('--duration <time>', 'stop the command after this long, as 60 or 1m (default: when it ends)')
    .option('--interval <time>', 'the time between two samples', '1s')
    .option('--repeat <n>', 'run it n times, and print mean and sample standard deviation', '1')
    .option('--compare', 'compare two commands, in turn: -- <command> -- <other command>', false)
    .option('--output <file>', 'write a results file for the receiver `file`; runs are added to one that is there')
    .option('--record-command', 'write the whole command line into the file; it may hold secrets', false)
    .option('--streams <n>', `how many streams the command encodes${each}`, collect)
    .option('--bitrate <rate>', `a label, such as 2500k${each}`, collect)
    .option('--encoder <name>', `a label, such as libx264${each}`, collect)
    .option('--preset <name>', `the encoder's preset, such as veryfast${each}`, collect)
    .option('--crf <n>', `the encoder's constant rate factor, such as 23${each}`, collect)
    .option('--content <name>', `what is encoded (default: the name of the file given by --vmaf)${each}`, collect)
    .option(
      '--encoded <file>',
      `the video that the command writes, whose size and bit rate are recorded${each}`,
      collect,
    )
    .option('--vmaf <reference>', 'after each run compute the VMAF of --encoded against this video; it is not measured')
    .option('--vmaf-ffmpeg <program>', 'the ffmpeg that computes VMAF; it needs the filter libvmaf', 'ffmpeg')
    .option('--region <region>', 'where it runs, for price and carbon intensity (default: us-east-1)')
    .option('--usd-per-kwh <price>', "price of electricity, in place of the region's")
    .option(
      '--usd-per-core-hour <price>',
      "price of a CPU core (default: 0.5, Wattline's own, which is no price of a cloud)",
    )
    .option('--kg-per-kwh <intensity>', "carbon intensity in kg CO2e/kWh, in place of the region's")
    .option('--idle-watts <power>', 'power of the idle host, for the model used where RAPL cannot be read')
    .option('--max-watts <power>', 'power of the host with all CPUs busy, for the same')
    .option('--model <file>', 'a model of this host by `wattline train --feature cpu_cores`, for the same')
    .passThroughOptions();
}

/** Adds the value of an option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
