import { readFileSync } from 'node:fs';
import { constants, cpus, hostname } from 'node:os';
import { isatty } from 'node:tty';
import { countOf } from '../count.ts';
import type { TrainedModel } from '../prediction/index.ts';
import type { UtilisationCurve } from '../prediction/utilisation-curve.ts';
import { cgroupMeter } from './cgroup-meter.ts';
import { stateOf } from './file-state.ts';
import { type HostModelRecord, hostModelOf } from './host-model.ts';
import type { Interruption, StopSignal } from './interruption.ts';
import { type MeasuredRun, measureRun } from './measured-run.ts';
import { type MeasuredCommand, type MeasureOptions, programOf } from './options.ts';
import { measureOutput, type OutputVideo, vmafMissing } from './output-video.ts';
import { procMeter } from './proc-meter.ts';
import { openRapl } from './rapl.ts';
import { addToResults } from './results-file.ts';
import { type Scenario, toScenario } from './scenario.ts';
import { curveFor, givenCurve, identifyCpu } from './utilisation-curve.ts';

const CPU_SOURCES = { cgroup: 'a control group of its own (cgroup v2)', proc: 'the process tree in /proc' };

/** The measured runs of one or two commands. */
export interface Series {
  /** The runs by command. */
  readonly scenarios: readonly (readonly Scenario[])[];
  /** Sentences on what happened, what was measured and how. */
  readonly notes: readonly string[];
  readonly exitStatus: number;
}

/**
 * Measures one or two commands in turn, and writes each run to the results file when it ends. A failed run or the operator's
 * signal ends the series. `print` shows its progress. Where RAPL cannot be read, power is by `trained`, the model of
 * `options.model`.
 */
export async function measureSeries(
  commands: readonly MeasuredCommand[],
  options: MeasureOptions,
  interruption: Interruption,
  print: (message: string) => void,
  trained?: TrainedModel,
): Promise<Series> {
  const { interval, duration, region, recordCommand, repeat, output } = options;
  const rapl = openRapl();
  const energy = 'missing' in rapl ? undefined : rapl;
  const curve = curveOf(options);
  const models = commands.map(({ encoder, bitrate, preset, crf, content, commandLine }) => {
    if (energy || !trained) return undefined;
    const labels = { encoder, bitrate, preset, crf, content, region };
    const attributes = { ...labels, 'host.name': hostname(), 'run.program': programOf(commandLine) };
    return hostModelOf(options.model as string, trained, attributes, cpus().length);
  });
  const planned = repeat * commands.length;
  const scenarios = commands.map((): Scenario[] => []);
  const notes: string[] = [];
  let exitStatus: number | undefined;

  const missing = options.vmaf === undefined ? undefined : await vmafMissing(options.vmafFfmpeg);
  if (missing !== undefined) {
    print(`no VMAF: ${missing}`);
    notes.push(`VMAF: not computed, since ${missing}.`);
  }

  const measure = async (name: string, index: number): Promise<Scenario> => {
    const measured = commands[index] as MeasuredCommand;
    const { commandLine, streams, bitrate, encoder, preset, crf, content, encoded } = measured;
    const before = encoded === undefined ? undefined : await stateOf(encoded);
    const cpu = cgroupMeter() ?? procMeter();
    // Wattline keeps the terminal, and several runs cannot read the same input.
    const stdin = planned > 1 || isatty(0) ? 'ignore' : 'inherit';
    let run: MeasuredRun;
    try {
      run = await measureRun({ commandLine, stdin, interval, limit: duration, cpu, energy, interruption });
    } finally {
      await cpu.close();
    }
    if (run.leftBehind > 0) {
      notes.push(
        `${name} left ${countOf(run.leftBehind, 'process', 'processes')} running, whose further use is not counted; let the command wait for them.`,
      );
    }
    const program = programOf(commandLine);
    const command = recordCommand ? { command: commandLine } : {};
    const labels = {
      ...{ name, bitrate, encoder_type: encoder, preset, crf, content, region, streams, program },
      ...command,
    };
    const scenario = toScenario(labels, run, {
      ...{ interval, curve, cpuSource: cpu.source, raplZones: energy?.zones },
      trained: models[index],
    });
    if (encoded === undefined || run.exitStatus !== 0 || interruption.stop.aborted) return scenario;
    const reference = missing === undefined ? options.vmaf : undefined;
    const request = { encoded, before, reference, ffmpeg: options.vmafFfmpeg, signal: interruption.stop };
    const { video, problem } = await measureOutput(request);
    if (video.output_bytes !== undefined) notes.push(`Video of ${name}: ${videoText(video)}.`);
    if (problem !== undefined) notes.push(`${name} was written without ${unknownOf(video, reference)}: ${problem}.`);
    return { ...scenario, ...video };
  };

  for (let made = 0; made < planned && exitStatus === undefined; made++) {
    const index = made % commands.length;
    const command = commands[index] as MeasuredCommand;
    const name = repeat > 1 ? `${command.name} #${1 + Math.floor(made / commands.length)}` : command.name;
    if (planned > 1) print(`run ${made + 1} of ${planned}: ${name}`);
    const scenario = await measure(name, index);
    scenarios[index]?.push(scenario);
    if (output !== undefined) await addToResults(output, scenario);
    const end = endAfter(scenario, planned - made - 1, interruption);
    if (end) notes.push(end.note);
    exitStatus = end?.exitStatus;
  }
  notes.push(...provenanceNotes(scenarios.flat(), 'missing' in rapl ? rapl.missing : undefined));
  return { scenarios, notes, exitStatus: exitStatus ?? 0 };
}

function videoText({ output_bits_per_second: rate, vmaf_score: score, vmaf_model: model }: OutputVideo): string {
  const kilobits = `${Number(((rate as number) / 1000).toPrecision(4))} kbit/s`;
  return score === undefined ? kilobits : `${kilobits}, VMAF ${Number(score.toPrecision(4))} (${model})`;
}

/** What of a video is not known, in words. */
function unknownOf({ output_bytes: bytes }: OutputVideo, reference: string | undefined): string {
  const unknown = [...(bytes === undefined ? ['the size of its video'] : []), ...(reference ? ['its VMAF'] : [])];
  return unknown.join(' and ');
}

function curveOf({ idleWatts, maxWatts }: MeasureOptions): UtilisationCurve {
  const logicalCpus = cpus().length;
  if (idleWatts !== undefined && maxWatts !== undefined) return givenCurve(idleWatts, maxWatts, logicalCpus);
  return curveFor(identifyCpu(readFileSync('/proc/cpuinfo', 'utf8')), logicalCpus);
}

/** Returns why a run is the last one, where it failed or was stopped, and the exit status then. */
function endAfter({ name, exit_status, stopped_by, duration }: Scenario, left: number, { stop }: Interruption) {
  const rest = left > 0 ? `; ${countOf(left, 'more run')} ${left === 1 ? 'was' : 'were'} not made` : '';
  if (stop.aborted) {
    const signal: StopSignal = stop.reason.signal;
    const after = stopped_by === undefined ? `${name} had ended` : `${name} was cut off after ${duration.toFixed(1)} s`;
    const note = `Stopped by ${signal}: ${after}${rest}.`;
    return { note, exitStatus: 128 + constants.signals[signal] };
  }
  if (stopped_by === 'duration' || exit_status === 0) return undefined;
  return { note: `${name} failed with exit status ${exit_status}${rest}.`, exitStatus: exit_status };
}

/** Returns sentences on what was measured, what was modelled (`raplMissing` says why), and what limits the accuracy. */
function provenanceNotes(scenarios: readonly Scenario[], raplMissing: string | undefined): string[] {
  const [first] = scenarios;
  if (!first) return [];
  const logicalCpus = cpus().length;
  const samples = scenarios.reduce((sum, { cpu_usage_cores }) => sum + cpu_usage_cores.length, 0);
  const others = Math.max(...scenarios.map(({ other_cpu_cores }) => other_cpu_cores));
  const { power_model: model } = first;
  const notes = [
    `CPU: measured, by ${CPU_SOURCES[first.cpu_source]}; ${countOf(samples, 'sample')}.`,
    model
      ? `Power: modelled, not measured (${raplMissing}): ${modelInWords(model)}`
      : `Power: measured, by RAPL. ${first.power_boundary}, whoever used them; not memory, disks, fans and losses.`,
  ];
  if (others > 0.05 * logicalCpus) {
    const effect = model ? 'and may have slowed the command down' : 'and the power is theirs too';
    notes.push(`Other processes used up to ${others} of the host's ${logicalCpus} cores meanwhile, ${effect}.`);
  }
  return notes;
}

/** Says by what the power was modelled. */
function modelInWords(model: UtilisationCurve | HostModelRecord): string {
  if ('idle_watts' in model) {
    const { idle_watts, max_watts, logical_cpus, basis } = model;
    const line = `a line from ${idle_watts} W with the host idle to ${max_watts} W with all ${logical_cpus} logical CPUs busy`;
    return `${line}, at the cores that the command used. Basis: ${basis}.`;
  }
  const { file, curve, runs, learnt_from, group, feature, from, to, trained_at } = model;
  const of = group ? ` of ${group}` : '';
  const learnt = `learnt from ${countOf(runs, 'run')}${of} with ${learnt_from.join(' and ')} power`;
  return `by ${file}, a ${curve} curve, ${learnt} at ${from} to ${to} ${feature}, trained at ${trained_at}.`;
}
