import { readFile } from 'node:fs/promises';
import { messageOf } from 'wattline/plugin';
import { parseModelFile, type TrainedModel } from 'wattline/prediction';
import type { Learners } from './predictor.ts';
import { targetNames } from './target.ts';

/** What a model must have been trained for. */
type Trained = Pick<TrainedModel, 'feature' | 'groupBy'>;

/**
 * Lends the models of a file to learners. Rejects with what to do where it cannot be read, or was trained for another feature
 * or other groups.
 */
export async function lendModels(path: string, learners: Learners, wanted: Trained): Promise<void> {
  const text = await readFile(path, 'utf8').catch((error) => {
    throw new Error(`training.model: ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  });
  const trained = parseModelFile(text, path);
  const [is, should] = [wordsOf(trained), wordsOf(wanted)];
  if (is !== should)
    throw new Error(`training.model: ${path} was trained for ${is}, not for ${should}; set both alike`);
  for (const name of targetNames) {
    const model = trained.targets[name]?.model;
    if (model) learners[name]?.lend(model);
  }
}

function wordsOf({ feature, groupBy }: Trained): string {
  return `${feature}${groupBy.length > 0 ? ` by ${groupBy.join(', ')}` : ''}`;
}
