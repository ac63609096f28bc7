import { createReadStream } from 'node:fs';
import { type Context, findFiles, messageOf } from 'wattline/plugin';
import { readResults } from 'wattline/results';
import type { Predictor } from './predictor.ts';

/** Trains a predictor with all measured runs of the files that the globs match. Files that cannot be read are skipped. */
export async function trainFromFiles(include: readonly string[], predictor: Predictor, ctx: Context): Promise<void> {
  if (include.length === 0) return;
  const paths = await findFiles(include, ctx.resolvePath('.'));
  if (paths.length === 0) ctx.logger.warn(`no file matches ${include.join(', ')}: the model knows nothing yet`);
  for (const path of paths) {
    try {
      // When a run was does not matter here, so that times without an offset do not cost it its samples.
      for await (const runs of readResults(createReadStream(path), { timeZone: 'UTC' })) {
        for (const { run, refusals } of runs) {
          if (run) predictor.learn(run);
          for (const refusal of refusals) ctx.skip({ ...refusal, message: `${path}: ${refusal.message}` });
        }
      }
    } catch (error) {
      ctx.skip({ item: 'file', reason: 'unreadable', message: `${path} cannot be read: ${messageOf(error)}` });
    }
  }
}
