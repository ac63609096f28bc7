import { checkComplete } from '../kit/figures-page.ts';
import { timeFloor } from '../kit/floor.ts';
import { resultsFile } from '../kit/inputs.ts';
import { interleave } from '../kit/interleave.ts';
import { type PageServer, startByHand, startWattlinePage } from '../kit/page-server.ts';
import { peerPages } from '../kit/peers.ts';
import { type Bench, count, type Row, spreadIn } from '../kit/row.ts';
import { spreadOfRounds } from '../kit/spread.ts';

/** The most that may go by, as a multiple of the floor, by number of runs. */
const GOALS = new Map([
  [100, 3],
  [10_000, 1.5],
  [100_000, 1.2],
]);

/** From the start of a process to the end of the first scrape that has all runs. */
export const start: Bench = {
  name: 'start',
  async run({ rounds, wattline, peers, mostRuns, smoke, log }) {
    const rows: Row[] = [];
    for (const [runs, most] of smoke ? [[10, 3] as const] : GOALS) {
      if (runs > mostRuns) continue;
      log(`start to the first complete scrape, ${count(runs)}`);
      const { path } = await resultsFile(runs);
      const others = new Map([...(peers ? [['Node, text kept', byHand] as const] : []), ...peerPages(peers)]);
      const [floor = [], ours = [], ...rest] = await interleave(rounds, [
        async () => (await timeFloor(path)).wallMs,
        () => firstScrape(runs, () => startWattlinePage({ wattline, path })),
        ...[...others.values()].map((startPeer) => () => firstScrape(runs, () => startPeer(path))),
      ]);
      const times = Object.fromEntries(
        [...others.keys()].map((name, index) => [name, spreadIn('ms', rest[index] as number[])]),
      );
      rows.push({
        id: `start/${runs}`,
        measure: `start to first complete scrape, ${count(runs)}`,
        goal: `≤ ${most} × floor`,
        value: { ...spreadOfRounds(ours, floor, (a, b) => a / b), unit: '×' },
        most,
        parts: { Wattline: spreadIn('ms', ours), floor: spreadIn('ms', floor), ...times },
      });
    }
    return rows;
  },
};

const byHand = (path: string) => startByHand(path, 'text');

async function firstScrape(runs: number, begin: () => Promise<PageServer>): Promise<number> {
  const server = await begin();
  try {
    const { body } = await server.client.send('/metrics');
    const elapsed = performance.now() - server.began;
    checkComplete(body, runs);
    return elapsed;
  } finally {
    await server.stop();
  }
}
