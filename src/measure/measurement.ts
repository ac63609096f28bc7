import { readFileSync } from 'node:fs';
import { constants, cpus } from 'node:os';
import { isatty } from 'node:tty';
import { countOf } from '../count.ts';
import { cgroupMeter } from './cgroup-meter.ts';
import type { Interruption } from './interruption.ts';
import { measureRun } from './measured-run.ts';
import { type MeasuredCommand, type MeasureOptions, programOf } from './options.ts';
import { procMeter } from './proc-meter.ts';
import { openRapl, type Rapl } from './rapl.ts';
import { addToResults } from './results-file.ts';
import { type Scenario, toScenario } from './scenario.ts';
import { curveFor, givenCurve, identifyCpu, type UtilisationCurve } from './utilisation-curve.ts';

/** Measures one or two commands in turn; a failed run or the operator's signal ends the series. */
export class Measurement {
  /** The runs so far, by command. */
  readonly scenarios: readonly Scenario[][];
  /** Notes on how the figures were measured. */
  readonly notes: string[] = [];
  /** The source of the CPU time, and why RAPL was not used where it was not. */
  cpuDescription = '';
  readonly raplMissing: string | undefined;
  exitStatus = 0;

  readonly #commands: readonly MeasuredCommand[];
  readonly #options: MeasureOptions;
  readonly #interruption: Interruption;
  readonly #print: (message: string) => void;
  readonly #rapl: Rapl;
  readonly #curve: UtilisationCurve;

  constructor(
    commands: readonly MeasuredCommand[],
    options: MeasureOptions,
    interruption: Interruption,
    print: (message: string) => void,
  ) {
    this.#commands = commands;
    this.#options = options;
    this.#interruption = interruption;
    this.#print = print;
    this.scenarios = commands.map(() => []);
    this.#rapl = openRapl();
    this.raplMissing = 'missing' in this.#rapl ? this.#rapl.missing : undefined;
    const { idleWatts, maxWatts } = options;
    const cpu = identifyCpu(readFileSync('/proc/cpuinfo', 'utf8'));
    this.#curve =
      idleWatts === undefined || maxWatts === undefined
        ? curveFor(cpu, cpus().length)
        : givenCurve(idleWatts, maxWatts, cpus().length);
  }

  /** Performs all runs and writes each to the results file when it ends. */
  async run(): Promise<void> {
    const { repeat, output } = this.#options;
    const planned = repeat * this.#commands.length;
    for (let made = 0; made < planned; made++) {
      const index = made % this.#commands.length;
      const round = 1 + Math.floor(made / this.#commands.length);
      const command = this.#commands[index] as MeasuredCommand;
      const name = repeat > 1 ? `${command.name} #${round}` : command.name;
      if (planned > 1) this.#print(`run ${made + 1} of ${planned}: ${name}`);
      const scenario = await this.#measure(command, name, planned > 1);
      this.scenarios[index]?.push(scenario);
      if (output !== undefined) await addToResults(output, scenario);
      if (this.#endsWith(scenario, planned - made - 1)) return;
    }
  }

  async #measure(command: MeasuredCommand, name: string, isSeries: boolean): Promise<Scenario> {
    const { interval, duration, region, recordCommand } = this.#options;
    const { commandLine, streams, bitrate, encoder } = command;
    const cpu = cgroupMeter() ?? procMeter();
    const rapl = 'missing' in this.#rapl ? undefined : this.#rapl;
    this.cpuDescription = cpu.description;
    try {
      const run = await measureRun({
        commandLine,
        // Wattline keeps the terminal, and several runs cannot read the same input.
        stdin: isSeries || isatty(0) ? 'ignore' : 'inherit',
        interval,
        limit: duration,
        cpu,
        energy: rapl,
        interruption: this.#interruption,
      });
      if (run.leftBehind > 0) {
        this.notes.push(
          `${name} left ${countOf(run.leftBehind, 'process', 'processes')} running, whose further use is not counted; let the command wait for them.`,
        );
      }
      const recorded = recordCommand ? { command: commandLine } : {};
      const labels = {
        name,
        bitrate,
        encoder_type: encoder,
        region,
        streams,
        program: programOf(commandLine),
        ...recorded,
      };
      const provenance = { interval, cpuSource: cpu.source, raplZones: rapl?.zones, curve: this.#curve };
      return toScenario(labels, run, provenance);
    } finally {
      await cpu.close();
    }
  }

  /** Whether this run is the last one, because it failed or was stopped; sets the exit status then. */
  #endsWith({ name, exit_status, stopped_by, duration }: Scenario, left: number): boolean {
    const signal = this.#interruption.name;
    const rest = left > 0 ? `; ${countOf(left, 'more run')} ${left === 1 ? 'was' : 'were'} not made` : '';
    if (signal !== undefined) {
      this.exitStatus = 128 + constants.signals[signal];
      this.notes.push(`Stopped by ${signal}: ${name} was cut off after ${duration.toFixed(1)} s${rest}.`);
      return true;
    }
    if (stopped_by === 'duration' || exit_status === 0) return false;
    this.exitStatus = exit_status;
    this.notes.push(`${name} failed with exit status ${exit_status}${rest}.`);
    return true;
  }
}
