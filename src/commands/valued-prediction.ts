import type { ConfigurationSource } from '../config/load.ts';
import { loadConfiguration } from '../config/load.ts';
import { WattlineError } from '../errors.ts';
import { assumptionsOf } from '../figures/assumptions.ts';
import { figuresOf } from '../figures/figures.ts';
import { knownFigures } from '../figures/names.ts';
import type { Run } from '../model/run.ts';
import { Secrets } from '../model/secrets.ts';
import { packagePath } from '../package.ts';
import { parseRun } from '../results/index.ts';
import { startDryRun } from '../service/dry-run.ts';
import { silentLogger } from '../service/logger.ts';

/** A number with the bounds of its interval, where it has one. */
export interface Bounded {
  readonly value: number;
  readonly lower?: number | undefined;
  readonly upper?: number | undefined;
}

/** A run that has not taken place: what is stated of it in the words of results files, watts, and cores. */
export interface ImaginedRun {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Seconds. */
  readonly duration: number;
  readonly watts?: Bounded | undefined;
  readonly cores?: Bounded | undefined;
}

/** A figure of an imagined run; its bounds are what the run would come to with those of its power and its cores. */
export interface ValuedFigure extends Bounded {
  readonly name: string;
  readonly unit: string;
}

/** What an imagined run comes to, which defaults that rests on, and why figures are missing. */
export interface ValuedPrediction {
  readonly figures: readonly ValuedFigure[];
  readonly assumptions: readonly string[];
  readonly missing: readonly string[];
}

export interface ValuingOptions extends Omit<ConfigurationSource, 'config'> {
  /** Configurations that replace the package's own. */
  readonly config?: readonly string[] | undefined;
  readonly stdout: NodeJS.WritableStream;
  readonly stopped: AbortSignal;
}

/**
 * Values an imagined run by the first pipeline of a configuration, without its receivers and exporters. The run has no date:
 * where prices depend on the time, it has no cost. Throws `NOT_PREDICTED` where the pipeline does not take it.
 */
export async function valuePrediction(imagined: ImaginedRun, options: ValuingOptions): Promise<ValuedPrediction> {
  const { stdout, stopped, secrets = new Secrets() } = options;
  const config = options.config ?? [packagePath('config/predict.yaml')];
  const configuration = await loadConfiguration(config, { ...options, secrets });
  const missing = new Set<string>();
  let last: Run | undefined;
  const arrived = ([run]: readonly Run[]) => {
    last = run;
  };
  const onSkip = (kind: string, { message }: { readonly message: string }) =>
    kind !== 'provider' && missing.add(message);
  const logger = silentLogger();
  const service = await startDryRun(configuration, arrived, { stdout, signal: stopped, secrets, logger, onSkip });
  const valued = async (bound: keyof Bounded): Promise<Run> => {
    last = undefined;
    const [pipeline] = service.pipelines.values();
    await pipeline?.consume([runAt(imagined, bound)], stopped);
    if (!last)
      throw new WattlineError('NOT_PREDICTED', 'the pipeline of the configuration does not let the run through');
    return last;
  };
  try {
    const run = await valued('value');
    const isBounded = imagined.watts?.lower !== undefined || imagined.cores?.lower !== undefined;
    const bounds = isBounded ? [await valued('lower'), await valued('upper')] : [];
    const [lower, upper] = bounds.map((one) => new Map(figuresOf(one).map(({ name, value }) => [name, value])));
    // How much of a run was measured says nothing of one that was not.
    const known = figuresOf(run).filter(({ name }) => !name.startsWith(knownFigures.coverage.name));
    const figures = known.map(({ name, unit, value }) => {
      return { name, unit, value, lower: lower?.get(name), upper: upper?.get(name) };
    });
    return { figures, assumptions: assumptionsOf(run.resource.attributes), missing: [...missing] };
  } finally {
    await service.stop();
  }
}

function runAt({ fields, duration, watts, cores }: ImaginedRun, bound: keyof Bounded): Run {
  // A part without an interval is the same in each bound.
  const twice = (of: Bounded | undefined) => {
    const value = of?.[bound] ?? of?.value;
    return value === undefined ? undefined : [value, value];
  };
  const samples = { step_seconds: duration, power_watts: twice(watts), cpu_usage_cores: twice(cores) };
  const { run } = parseRun({ ...fields, duration, sampling: 'instant', power: 'predicted', ...samples }, {});
  return run as Run;
}
