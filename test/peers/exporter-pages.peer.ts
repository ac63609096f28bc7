import { describe, expect, it } from 'vitest';
import { startCollector } from './collector.ts';
import { cadvisorPage, dcgmPage, keplerPage } from './exporter-pages.ts';
import { servePage } from './page-server.ts';
import { type StartedWattline, startPipeline } from './wattline.ts';

const interval = '200ms';

/** Starts Wattline, which scrapes the page itself. */
function scrapedByWattline(job: string, address: string): Promise<StartedWattline> {
  const target = { targets: [address], labels: { 'host.name': 'node-a' } };
  const scrape = { job_name: job, scrape_interval: interval, static_configs: [target] };
  return startPipeline({ receivers: { prometheus: { scrape_configs: [scrape] } } });
}

/** Starts Wattline, to which a Collector on the node sends what it scrapes. */
async function scrapedByCollector(job: string, address: string): Promise<StartedWattline> {
  const wattline = await startPipeline();
  const scrape = { job_name: job, scrape_interval: interval, static_configs: [{ targets: [address] }] };
  const config = {
    receivers: { prometheus: { config: { scrape_configs: [scrape] } } },
    processors: { resource: { attributes: [{ key: 'host.name', value: 'node-a', action: 'upsert' }] } },
    exporters: { otlp_http: { endpoint: `http://${wattline.address}` } },
    service: {
      pipelines: { metrics: { receivers: ['prometheus'], processors: ['resource'], exporters: ['otlp_http'] } },
    },
  };
  await startCollector(JSON.stringify(config));
  return wattline;
}

/** Resolves when the meters of a page are followed, which begin where it is. */
function followed(wattline: StartedWattline): Promise<void> {
  return expect.poll(() => wattline.value('wattline_live_streams')).toBeGreaterThan(0);
}

function expectJoules(wattline: StartedWattline, joules: number): Promise<void> {
  return expect.poll(() => wattline.sum('energy_joules_total')).toBeCloseTo(joules, 6);
}

describe.each([
  ['Wattline', scrapedByWattline],
  ['a Collector', scrapedByCollector],
])('a page that %s scrapes', (_who, scraped) => {
  it("of Kepler: the dies' packages count, and their memory; steps back bill nothing", async () => {
    const page = await servePage(() => keplerPage({ 'package-0-die-0': 1e6, 'package-0-die-1': 2e6, dram: 5000 }));
    const wattline = await scraped('kepler', page.address);
    await followed(wattline);
    page.show(() => keplerPage({ 'package-0-die-0': 1e6 + 300, 'package-0-die-1': 2e6 + 200, dram: 5050 }));
    await expectJoules(wattline, 550);
    // Values of 0.7 % less are no reset: what was counted counts once.
    page.show(() => keplerPage({ 'package-0-die-0': 993_001, 'package-0-die-1': 1_986_001, dram: 5020 }));
    await page.scraped();
    page.show(() => keplerPage({ 'package-0-die-0': 1e6 + 200, 'package-0-die-1': 2e6 + 150, dram: 5049 }));
    await page.scraped();
    page.show(() => keplerPage({ 'package-0-die-0': 1e6 + 400, 'package-0-die-1': 2e6 + 300, dram: 5100 }));
    await expectJoules(wattline, 800);
  });

  it('of the DCGM exporter: a card counts once, however many lines it has, and goes on when its driver is loaded again', async () => {
    const cards = (...millijoules: readonly number[]) => {
      const lines = [
        [{ instance: '1', pod: 'train-0' }, { instance: '2', pod: 'train-1' }, { instance: '3' }],
        [{ pod: 'serve-0' }, { pod: 'serve-1' }],
      ];
      return dcgmPage(lines.map((of, gpu) => ({ lines: of, millijoules: millijoules[gpu] ?? 0 })));
    };
    const page = await servePage(() => cards(5_551_899_580, 955_287_014));
    const wattline = await scraped('dcgm', page.address);
    await followed(wattline);
    page.show(() => cards(5_552_099_580, 955_387_014));
    await expectJoules(wattline, 300);
    page.show(() => cards(40_000, 30_000));
    await expectJoules(wattline, 370);
    page.show(() => cards(140_000, 80_000));
    await expectJoules(wattline, 520);
  });

  it('of cAdvisor: containers count, and pods, slices and the machine do not count them again', async () => {
    const page = await servePage((now) => cadvisorPage({ app: 1000, sidecar: 500 }, now));
    const wattline = await scraped('cadvisor', page.address);
    await followed(wattline);
    page.show((now) => cadvisorPage({ app: 1001.5, sidecar: 500.5 }, now));
    await expect.poll(() => wattline.sum('cpu_core_seconds_total')).toBeCloseTo(2, 6);
    page.show((now) => cadvisorPage({ app: 1002, sidecar: 500.75 }, now));
    await expect.poll(() => wattline.sum('cpu_core_seconds_total')).toBeCloseTo(2.75, 6);
  });
});
