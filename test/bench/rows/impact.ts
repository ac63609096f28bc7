import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../../kit/temporary-folder.ts';
import { timeFloor } from '../kit/floor.ts';
import { impactManifest } from '../kit/impact-manifest.ts';
import { resultsFile } from '../kit/inputs.ts';
import { interleave } from '../kit/interleave.ts';
import { type Bench, count, type Row, spreadIn } from '../kit/row.ts';
import { timeOnce } from '../kit/run-once.ts';
import { spreadOfRounds } from '../kit/spread.ts';
import { type TimedProcess, timeNode } from '../kit/timed-process.ts';

const SAMPLES = 60;

/** Impact Framework on small inputs, beside the floor and Wattline. */
export const impact: Bench = {
  name: 'impact',
  async run({ rounds, wattline, peers, mostRuns, smoke, log }) {
    if (!peers || smoke) return [];
    const rows: Row[] = [];
    for (const runs of [10, 100, 1000]) {
      if (runs > mostRuns) continue;
      log(`Impact Framework, ${count(runs)}`);
      const { path } = await resultsFile(runs, SAMPLES);
      const folder = await temporaryFolder({ 'manifest.yml': impactManifest(runs, SAMPLES) });
      try {
        const [ours = [], theirs = [], floor = []] = await interleave(rounds, [
          () => timeOnce(wattline, path),
          () => timeImpact(peers.modules, folder.path, runs * SAMPLES),
          () => timeFloor(path),
        ]);
        const wall = (processes: readonly TimedProcess[]) => processes.map(({ wallMs }) => wallMs);
        rows.push({
          id: `impact/${runs}`,
          measure: `Impact Framework, ${count(runs)} × ${SAMPLES} samples`,
          value: { ...spreadOfRounds(wall(theirs), wall(floor), (a, b) => a / b), unit: '×' },
          parts: {
            'Impact Framework': spreadIn('ms', wall(theirs)),
            'its peak': spreadIn(
              'MiB',
              theirs.map(({ peakMib }) => peakMib),
            ),
            Wattline: spreadIn('ms', wall(ours)),
            floor: spreadIn('ms', wall(floor)),
          },
        });
      } finally {
        await folder.remove();
      }
    }
    return rows;
  },
};

/** Throws unless every sample has its figures: it may end with exit status 0 and without them. */
async function timeImpact(modules: string, folder: string, samples: number): Promise<TimedProcess> {
  const script = join(modules, '@grnsft/if/build/if-run/index.js');
  const timed = await timeNode([
    script,
    '--manifest',
    join(folder, 'manifest.yml'),
    '--output',
    join(folder, 'output'),
  ]);
  const output = await readFile(join(folder, 'output.yaml'), 'utf8');
  const figures = output.match(/^ +carbon: /gm)?.length ?? 0;
  if (figures !== samples) throw new Error(`Impact Framework has figures of ${figures} in ${samples} samples`);
  return timed;
}
