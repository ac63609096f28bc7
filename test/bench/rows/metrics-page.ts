import { checkSamePage, SERIES_A_RUN } from '../kit/figures-page.ts';
import { resultsFile } from '../kit/inputs.ts';
import { interleave } from '../kit/interleave.ts';
import { type PageServer, startByHand, startWattlinePage } from '../kit/page-server.ts';
import { peerPages } from '../kit/peers.ts';
import type { Client } from '../kit/requests.ts';
import { type Bench, type Row, spreadIn } from '../kit/row.ts';
import { sendAnew } from '../kit/send-anew.ts';
import { spreadOf, spreadOfRounds } from '../kit/spread.ts';

const SERIES = 50_000;
/** How often each is scraped in a round; the round counts with the median. */
const SCRAPES = 5;

/** /metrics once warm, beside a server that has the text ready and one that renders only the numbers. */
export const metricsPage: Bench = {
  name: 'metrics',
  async run({ rounds, wattline, smoke, peers, log }) {
    const runs = smoke ? 50 : SERIES / SERIES_A_RUN;
    log(`/metrics with ${(runs * SERIES_A_RUN).toLocaleString('en')} series`);
    const { path } = await resultsFile(runs);
    const servers: PageServer[] = [];
    const keep = <T extends PageServer>(server: T): T => {
      servers.push(server);
      return server;
    };
    try {
      const ours = keep(await startWattlinePage({ wattline, path, takesRuns: true })).client;
      const ready = keep(await startByHand(path, 'text')).client;
      const labels = keep(await startByHand(path, 'labels')).client;
      const others: { name: string; client: Client }[] = [];
      for (const [name, start] of peerPages(peers)) others.push({ name, client: keep(await start(path)).client });
      const page = (await ready.send('/metrics')).body;
      for (const client of [ours, labels, ...others.map(({ client }) => client)]) {
        checkSamePage((await client.send('/metrics')).body, page);
      }
      let edition = 0;
      const change = () => sendAnew(ours, runs, ++edition);
      const scrapes = [
        () => scrape(ours),
        () => scrape(ready),
        () => scrape(ours, change),
        () => scrape(labels),
        ...others.map(
          ({ client }) =>
            () =>
              scrape(client),
        ),
      ];
      for (const warmUp of scrapes) await warmUp();
      const [unchanged = [], text = [], changed = [], byHand = [], ...rest] = await interleave(rounds, scrapes);
      const parts = rest.map((times, index) => [others[index]?.name ?? '', spreadIn('ms', times)] as const);
      return [
        rowOf('unchanged since the last scrape', unchanged, 'ready buffer', text),
        rowOf('after every series changed', changed, 'labels kept', byHand, Object.fromEntries(parts)),
      ];
    } finally {
      await Promise.all(servers.map((server) => server.stop()));
    }

    function rowOf(when: string, times: number[], base: string, baseTimes: number[], more: Row['parts'] = {}): Row {
      return {
        id: `metrics/${base}`,
        measure: `/metrics with ${(runs * SERIES_A_RUN).toLocaleString('en')} series, ${when}`,
        goal: `≤ 1.2 × ${base}`,
        value: { ...spreadOfRounds(times, baseTimes, (a, b) => a / b), unit: '×' },
        most: 1.2,
        parts: { Wattline: spreadIn('ms', times), [base]: spreadIn('ms', baseTimes), ...more },
      };
    }
  },
};

/** The median time of a few scrapes, in milliseconds. */
async function scrape(client: Client, before?: () => Promise<void>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < SCRAPES; i++) {
    await before?.();
    times.push((await client.send('/metrics')).ms);
  }
  return spreadOf(times).median;
}
