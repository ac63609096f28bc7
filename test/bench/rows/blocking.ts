import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SERIES_A_RUN } from '../kit/figures-page.ts';
import { resultsFile } from '../kit/inputs.ts';
import { type PageServer, startWattlinePage } from '../kit/page-server.ts';
import { type Bench, spreadIn } from '../kit/row.ts';
import { sendAnew } from '../kit/send-anew.ts';

const REPORT_DELAY = fileURLToPath(new URL('../kit/report-delay.cjs', import.meta.url));
const SERIES = 50_000;
const MOST_MS = 10;

/** How long a scrape keeps everything else waiting. */
export const blocking: Bench = {
  name: 'blocking',
  async run({ rounds, wattline, smoke, log }) {
    const runs = smoke ? 50 : SERIES / SERIES_A_RUN;
    log('event loop during a scrape');
    const { path } = await resultsFile(runs);
    const server = await startWattlinePage({
      wattline: ['--require', REPORT_DELAY, ...wattline],
      path,
      takesRuns: true,
    });
    try {
      await server.client.send('/metrics');
      const times: number[] = [];
      for (let round = 1; round <= rounds; round++) {
        await sendAnew(server.client, runs, round);
        await longestSinceLast(server);
        await server.client.send('/metrics');
        times.push(await longestSinceLast(server));
      }
      return [
        {
          id: 'blocking',
          measure: `event loop blocked at most in a scrape of ${(runs * SERIES_A_RUN).toLocaleString('en')} series, after every series changed`,
          goal: `≤ ${MOST_MS} ms`,
          value: spreadIn('ms', times),
          most: MOST_MS,
        },
      ];
    } finally {
      await server.stop();
    }
  },
};

async function longestSinceLast(server: PageServer): Promise<number> {
  const before = server.output().length;
  server.send('SIGUSR2');
  for (;;) {
    const [, milliseconds] = /blocked for (\S+) ms\n/.exec(server.output().slice(before)) ?? [];
    if (milliseconds !== undefined) return Number(milliseconds);
    await sleep(5);
  }
}
