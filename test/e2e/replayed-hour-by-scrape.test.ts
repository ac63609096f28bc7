import { expect, it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { shownOf } from '../kit/simulated-hour/deliveries.ts';
import { scraped } from '../kit/simulated-hour/kinds.ts';
import type { Machine } from '../kit/simulated-hour/machine.ts';
import { servePages } from '../kit/simulated-hour/page-server.ts';
import { expectTruth, hourThatEnds, metricsAt, replayedHour, startCounting } from '../kit/simulated-hour/replay.ts';
import { textPages } from '../kit/simulated-hour/text-page.ts';

it('an hour of 100 machines that is scraped is counted as it was', { timeout: 180_000 }, async () => {
  const all = replayedHour(scraped).map(({ machine, deliveries }) => ({ machine, deliveries: shownOf(deliveries) }));
  const hour = hourThatEnds();
  const pages = all.map(({ machine, deliveries }) => {
    const scrapes = deliveries.map(({ scrape }) => scrape);
    return [pathOf(machine), textPages(scrapes, hour)] as const;
  });
  const server = await servePages(new Map(pages));
  const port = await freePort();
  const scrape_configs = all.map(({ machine }) => ({
    job_name: machine.scenario,
    scrape_interval: '1s',
    metrics_path: pathOf(machine),
    static_configs: [{ targets: [server.address], labels: machine.attributes }],
  }));
  const wattline = await startCounting(port, { prometheus: { scrape_configs } });
  try {
    const pagesLeft = async () => server.moveOn(await metricsAt(port));
    await expect.poll(pagesLeft, { timeout: 150_000, interval: 100 }).toBe(0);
    expectTruth(await metricsAt(port), all);
  } finally {
    await wattline.stop();
    server.close();
  }
});

function pathOf({ scenario }: Machine): string {
  return `/${scenario.replace(' ', '-')}`;
}
