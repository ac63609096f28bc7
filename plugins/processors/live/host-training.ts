import { createReadStream } from 'node:fs';
import { meanOf, measure, powerKindOf } from 'wattline/figures';
import { type Context, findFiles, hostPower, messageOf, type Run } from 'wattline/plugin';
import {
  featureOf,
  fitModel,
  type HostPower,
  type TrainingRun,
  trainedPower,
  type UnknownPower,
} from 'wattline/prediction';
import { readResults } from 'wattline/results';

/** The level of intervals that is wanted. */
const LEVEL = 0.9;

/**
 * Returns what a host draws by the runs of results files, of which power and CPU use were measured; a run counts once, by its
 * name and start. Files that cannot be read are skipped.
 */
export async function trainHost(include: readonly string[], ctx: Context): Promise<HostPower | UnknownPower> {
  const paths = await findFiles(include, ctx.resolvePath('.'));
  if (paths.length === 0) ctx.logger.warn(`no file matches ${include.join(', ')}: no power is modelled by it`);
  const runs = new Map<string, TrainingRun>();
  for (const path of paths) {
    try {
      for await (const some of readResults(createReadStream(path), { timeZone: 'UTC' })) {
        for (const { run, refusals } of some) {
          const training = run && trainingRunOf(run);
          if (training) runs.set(training.id, training);
          for (const refusal of refusals) ctx.skip({ ...refusal, message: `${path}: ${refusal.message}` });
        }
      }
    } catch (error) {
      ctx.skip({ item: 'file', reason: 'unreadable', message: `${path} cannot be read: ${messageOf(error)}` });
    }
  }
  return trainedPower(fitModel(runs.values(), { model: 'auto', leastDifferent: 3, level: LEVEL, outside: 'widen' }));
}

function trainingRunOf(run: Run): TrainingRun | undefined {
  const cores = featureOf(run, 'cpu_cores');
  const power = powerKindOf(run) === 'measured' ? measure(run, hostPower) : undefined;
  if (cores === undefined || power?.value === undefined) return undefined;
  const id = JSON.stringify([run.scenario, run.startTime]);
  return { id, group: '', x: cores, y: meanOf(power.series) as number };
}
