import { createReadStream } from 'node:fs';
import { messageOf, WattlineError } from '../errors.ts';
import type { Run } from '../model/run.ts';
import { findFiles } from '../plugin/index.ts';
import { readResults } from '../results/index.ts';

/** The runs of results files, and what of them could not be read. */
export interface ResultsRuns {
  readonly runs: readonly Run[];
  readonly files: number;
  readonly refusals: readonly string[];
}

/** Reads all runs of results files or globs. Throws `NOTHING_TO_READ` where one matches no file, or a file cannot be read. */
export async function readRuns(patterns: readonly string[]): Promise<ResultsRuns> {
  const paths = new Set<string>();
  for (const pattern of patterns) {
    const found = await findFiles([pattern], process.cwd());
    if (found.length === 0) throw new WattlineError('NOTHING_TO_READ', `no results file matches ${pattern}`);
    for (const path of found) paths.add(path);
  }
  const runs: Run[] = [];
  const refusals: string[] = [];
  for (const path of paths) {
    try {
      // When a run was does not matter to what is learnt of it: times without an offset must not cost it its samples.
      for await (const entries of readResults(createReadStream(path), { timeZone: 'UTC' })) {
        for (const entry of entries) {
          if (entry.run) runs.push(entry.run);
          refusals.push(...entry.refusals.map(({ message }) => `${path}: ${message}`));
        }
      }
    } catch (error) {
      throw new WattlineError('NOTHING_TO_READ', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }
  return { runs, files: paths.size, refusals };
}
