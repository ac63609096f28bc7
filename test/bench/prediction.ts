/**
 * Measures how well power is predicted on curves that were measured on real machines, and prints tables. Exit status 1 where a
 * goal is missed, 2 where there are no curves. `test/bench/README.md` says which files it reads.
 *
 *   npm run bench:prediction -- [folder]
 */
import { resolve } from 'node:path';
import { projectRoot } from '../kit/checkout.ts';
import { machineLine, thisMachine } from './kit/machine.ts';
import { type CurveSet, readCurveSets } from './prediction/measured-curves.ts';
import { formatReport, goalsOf, measureAll } from './prediction/report.ts';

const folder = resolve(process.argv[2] ?? resolve(projectRoot, '../shared/data'));
const sets = await readSets();
if (sets) {
  const report = measureAll(sets);
  const goals = goalsOf(report);
  console.log(`${machineLine(thisMachine())}\n\n${formatReport(report, goals)}`);
  if (goals.some(({ holds }) => holds === false)) process.exitCode = 1;
}

async function readSets(): Promise<CurveSet[] | undefined> {
  try {
    return await readCurveSets(folder);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 2;
    return undefined;
  }
}
