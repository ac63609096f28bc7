import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { type Sample, seriesValue } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { choicesOf, killsOf, report } from './chaos.ts';
import { countingConfig, expectCounters, expectStoredCounters } from './counting.ts';
import { FaultProxy } from './fault-proxy.ts';
import { startStore } from './stored-points.ts';
import { Victim } from './victim.ts';

const SUITE = 'pages that are scraped';
const WATTS = 100;
const CORES = 0.5;
/** What the counters show before anything counts. */
const JOULES_BEFORE = 5e8;
const CORE_SECONDS_BEFORE = 1e6;

/** The pages of programs that people run, as text; the counters of a machine that has used so much. */
const pages: Readonly<Record<string, (joules: number, coreSeconds: number) => string>> = {
  kepler: (joules, coreSeconds) => `# TYPE kepler_node_cpu_joules_total counter
kepler_node_cpu_joules_total{zone="package",path="/sys/class/powercap/intel-rapl:0"} ${joules}
# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="idle"} ${2 * coreSeconds}
node_cpu_seconds_total{cpu="0",mode="user"} ${coreSeconds}
`,
  node_exporter: (joules, coreSeconds) => `# TYPE node_rapl_package_joules_total counter
node_rapl_package_joules_total{index="0",path="/sys/class/powercap/intel-rapl:0"} ${joules}
# TYPE node_cpu_seconds_total counter
node_cpu_seconds_total{cpu="0",mode="idle"} ${2 * coreSeconds}
node_cpu_seconds_total{cpu="0",mode="system"} ${coreSeconds}
`,
};
const names = Object.keys(pages);

/** Shows pages whose counters rise from `begin` to `end`, and are at rest before and after. */
class RestlessPages {
  /** How many pages were shown. */
  answered = 0;
  #began: number | undefined;
  #ended: number | undefined;
  readonly #server: Server;

  constructor() {
    this.#server = createServer(({ url = '' }, response) => {
      this.answered++;
      const page = pages[url.slice(1)];
      const seconds = this.seconds;
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(page?.(JOULES_BEFORE + WATTS * seconds, CORE_SECONDS_BEFORE + CORES * seconds));
    });
  }

  /** For how long the counters have risen so far. */
  get seconds(): number {
    if (this.#began === undefined) return 0;
    return ((this.#ended ?? performance.now()) - this.#began) / 1000;
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  begin(): void {
    this.#began = performance.now();
  }

  end(): void {
    this.#ended = performance.now();
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

describeWithPeers(SUITE, ['victoria-metrics'], () => {
  it('are counted exactly, over kills and faults of both sides', async () => {
    const random = choicesOf(SUITE);
    const store = await startStore();
    const shown = new RestlessPages();
    const before = await new FaultProxy(await shown.listen()).start();
    const behind = await new FaultProxy(store.url).start();
    const port = await freePort();
    const receivers = { prometheus: { scrape_configs: names.map((name) => jobOf(name, before.url)) } };
    const victim = await Victim.start({ port, config: countingConfig({ port, receivers, url: behind.url }) });
    const storm = new AbortController();
    try {
      await victim.ready();
      await scrapedAnew(victim);
      shown.begin();
      const storming = Promise.all([before, behind].map((proxy) => proxy.storm(random, storm.signal)));
      await victim.killAtRandom(random, killsOf(8), () => shown.answered);
      shown.end();
      storm.abort();
      await storming;
      await victim.ready();
      await scrapedAnew(victim);
      await victim.emptied('victoriametrics');
      const samples = await victim.metrics();
      const { seconds } = shown;
      for (const scenario of names)
        expectCounters(samples, scenario, { joules: WATTS * seconds, coreSeconds: CORES * seconds });
      const counters = await expectStoredCounters(store.url, samples);
      report(SUITE, { kills: victim.kills, 'seconds of machines': Math.round(names.length * seconds), ...counters });
    } finally {
      storm.abort();
      await victim.stop();
      shown.close();
      await before.stop();
      await behind.stop();
      await store.stop();
    }
  });
});

function jobOf(name: string, url: string): object {
  return {
    job_name: name,
    scrape_interval: '100ms',
    metrics_path: `/${name}`,
    static_configs: [{ targets: [new URL(url).host], labels: { scenario: name, 'host.name': name } }],
  };
}

/** Resolves when each page has been scraped and counted twice more by the present process. */
async function scrapedAnew(victim: Victim): Promise<void> {
  const scrapes = (samples: readonly Sample[], name: string) =>
    seriesValue(samples, 'wattline_prometheus_scrapes_total', { scrape_job: name, outcome: 'success' }) ?? 0;
  const first = await victim.metrics();
  for (const name of names)
    await expect.poll(async () => scrapes(await victim.metrics(), name)).toBeGreaterThan(scrapes(first, name) + 1);
}
