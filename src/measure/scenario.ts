import { meanOf } from '../figures/integrate.ts';
import type { PowerKind } from '../model/power-kind.ts';
import { Series } from '../model/series.ts';
import { type UtilisationCurve, wattsAt } from '../prediction/utilisation-curve.ts';
import { evenRates } from './even-rates.ts';
import type { HostModel } from './host-model.ts';
import type { MeasuredRun } from './measured-run.ts';
import type { OutputVideo } from './output-video.ts';

/** The labels of a run. */
export interface RunLabels {
  readonly name: string;
  readonly bitrate?: string | undefined;
  readonly encoder_type?: string | undefined;
  readonly preset?: string | undefined;
  readonly crf?: number | undefined;
  readonly content?: string | undefined;
  readonly region?: string | undefined;
  readonly streams?: number | undefined;
  /** The program's name, and its whole command line where that may be recorded. */
  readonly program: string;
  readonly command?: readonly string[] | undefined;
}

/** The sources of a run's figures. */
export interface Provenance {
  readonly interval: number;
  readonly cpuSource: 'cgroup' | 'proc';
  /** The packages that RAPL counted, where it was used. */
  readonly raplZones?: readonly string[] | undefined;
  /** The power model, where neither RAPL nor a trained model was used. */
  readonly curve: UtilisationCurve;
  /** The trained model, where RAPL was not used and there is one. */
  readonly trained?: HostModel | undefined;
}

/** An entry of a results file: samples every `step_seconds` from `start_time` to `end_time`, in W and cores. */
export type Scenario = ReturnType<typeof toScenario> & OutputVideo;

/**
 * Converts a measured run to an entry of a results file. Power is RAPL's, otherwise that of the trained model or the
 * utilisation curve at the cores of the command: what the host would draw with no other load. In either case it is the whole host's, with idle power.
 */
export function toScenario(labels: RunLabels, run: MeasuredRun, provenance: Provenance) {
  const { interval, cpuSource, raplZones, curve, trained } = provenance;
  const { times, joules } = run;
  const cores = evenRates({ times, totals: run.cpuSeconds }, interval);
  const measured = joules && evenRates({ times, totals: joules }, interval).rates;
  const watts = measured ?? cores.rates.map((value) => trained?.at(value).value ?? wattsAt(curve, value));
  const power: PowerKind = measured ? 'measured' : 'modelled';
  const start = round(run.startTime, 3);
  return {
    ...labels,
    start_time: start,
    end_time: round(start + run.duration, 6),
    duration: round(run.duration, 6),
    step_seconds: round(cores.step, 9),
    exit_status: run.exitStatus,
    ...(run.stoppedBy && { stopped_by: run.stoppedBy }),
    cpu_source: cpuSource,
    power,
    power_source: measured ? 'rapl' : 'model',
    power_boundary: measured
      ? `CPU packages of the host: ${raplZones?.join(', ')}`
      : 'CPUs of the host, as if nothing else ran',
    ...(!measured && { power_model: trained?.record ?? curve }),
    ...(!measured && trained && boundsOf(trained, cores)),
    logical_cpus: curve.logical_cpus,
    other_cpu_cores: round(run.otherCores, 3),
    cpu_usage_cores: Array.from(cores.rates, toSample),
    power_watts: Array.from(watts, toSample),
  };
}

/** The mean power by a trained model, and what it would be at the bounds of each sample, where all have an interval. */
function boundsOf({ at }: HostModel, { step, rates }: ReturnType<typeof evenRates>) {
  const predictions = Array.from(rates, at);
  const mean = (values: readonly number[]) =>
    toSample(meanOf(Series.regular([0, 0], step, Float64Array.from(values))) ?? 0);
  const intervals = predictions.flatMap(({ interval }) => interval ?? []);
  return {
    predicted_watts: mean(predictions.map(({ value }) => value)),
    ...(intervals.length === predictions.length && {
      predicted_watts_lower: mean(intervals.map(({ lower }) => lower)),
      predicted_watts_upper: mean(intervals.map(({ upper }) => upper)),
      interval_level: Math.min(...intervals.map(({ level }) => level)),
    }),
    ...(predictions.some(({ extrapolated }) => extrapolated) && { extrapolated: true }),
  };
}

/** Rounds to few digits, but enough for sums that are accurate to a millionth. */
function toSample(value: number): number {
  return Number(value.toPrecision(7));
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
