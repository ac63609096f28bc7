import { fileURLToPath } from 'node:url';
import { findProgram, startVictoriaMetrics } from '../../kit/peers.ts';
import { FIGURES } from '../kit/figures-page.ts';
import { floorTotals, timeFloor } from '../kit/floor.ts';
import { resultsFile } from '../kit/inputs.ts';
import { interleave } from '../kit/interleave.ts';
import { type Bench, count, type Row, spreadIn } from '../kit/row.ts';
import { timeOnce } from '../kit/run-once.ts';
import { spreadOfRounds } from '../kit/spread.ts';
import { type TimedProcess, timeNode } from '../kit/timed-process.ts';

const CLIENT = fileURLToPath(new URL('../peers/push-client.cjs', import.meta.url));
const SERVER_FLAGS = ['-retentionPeriod=100y', '-search.maxUniqueTimeseries=2000000', '-loggerLevel=ERROR'];
const MOST = 1.5;

/** From a results file to a new VictoriaMetrics that has all points, beside a client written by hand. */
export const push: Bench = {
  name: 'push',
  async run({ rounds, wattline, mostRuns, smoke, log }) {
    if (!findProgram('victoria-metrics')) {
      log('push is left out, since victoria-metrics is not on the PATH');
      return [];
    }
    const rows: Row[] = [];
    for (const runs of smoke ? [10] : [10_000, 100_000]) {
      if (runs > mostRuns) continue;
      log(`run --once to VictoriaMetrics, ${count(runs)}`);
      const input = await resultsFile(runs);
      const totals = floorTotals((await timeFloor(input.path)).stdout);
      const [ours = [], byHand = []] = await interleave(rounds, [
        () => storeAll(totals, (url) => timeOnce(wattline, input.path, `victoriametrics: { endpoint: "${url}" }`)),
        () => storeAll(totals, (url) => timeNode([CLIENT, input.path, url])),
      ]);
      const wall = (processes: readonly TimedProcess[]) => processes.map(({ wallMs }) => wallMs);
      const sending = byHand.map(({ stdout }) => (JSON.parse(stdout) as { sendingMs: number }).sendingMs);
      const cpu = (processes: readonly TimedProcess[]) => processes.map(({ userMs, systemMs }) => userMs + systemMs);
      rows.push({
        id: `push/${runs}`,
        measure: `run --once to VictoriaMetrics, ${count(runs)}, all points stored`,
        goal: `≤ ${MOST} × a client by hand`,
        value: { ...spreadOfRounds(wall(ours), wall(byHand), (a, b) => a / b), unit: '×' },
        most: MOST,
        parts: {
          Wattline: spreadIn('ms', wall(ours)),
          'client by hand': spreadIn('ms', wall(byHand)),
          'of which sending': spreadIn('ms', sending),
          'CPU of Wattline': spreadIn('ms', cpu(ours)),
          'CPU of the client': spreadIn('ms', cpu(byHand)),
        },
      });
    }
    return rows;
  },
};

/** Has the figures sent to a new server, and checks that it has all of them. */
async function storeAll(
  totals: ReturnType<typeof floorTotals>,
  send: (url: string) => Promise<TimedProcess>,
): Promise<TimedProcess> {
  const server = await startVictoriaMetrics(SERVER_FLAGS);
  try {
    const sent = await send(server.url);
    await fetch(`${server.url}/internal/force_flush`);
    const expected = [totals.cost, totals.costEnergy, totals.costCompute, totals.co2];
    for (const [index, name] of FIGURES.entries()) {
      const [series, sum] = await Promise.all(
        ['count', 'sum'].map((what) => query(server.url, `${what}(last_over_time(${name}[50y]))`)),
      );
      const isSame = Math.abs((sum as number) / (expected[index] as number) - 1) <= 1e-9;
      if (series !== totals.runs || !isSame) {
        throw new Error(`${name}: ${series} series of ${totals.runs} are stored, sum ${sum} of ${expected[index]}`);
      }
    }
    return sent;
  } finally {
    await server.stop();
  }
}

async function query(url: string, expression: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression })}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`${expression}: HTTP ${response.status}: ${text}`);
  const { data } = JSON.parse(text) as { data: { result: { value: [number, string] }[] } };
  return Number(data.result[0]?.value[1]);
}
