import { HttpClient, requestHeaders } from 'wattline/http';
import { definePlugin, type Receiver, type SourceContext } from 'wattline/plugin';
import { type Config, configSchema, type Job } from './config.ts';
import { Target } from './target.ts';
import { ScrapeTelemetry } from './telemetry.ts';

const MIB = 1024 * 1024;

export default definePlugin({
  contract: 2,
  kind: 'receiver',
  type: 'prometheus',
  stability: 'beta',
  configSchema,
  // No `emits`: a target may have any metric.
  create: (ctx, config) => prometheusReceiver(ctx, config),
});

function prometheusReceiver(ctx: SourceContext, config: Config): Receiver {
  const telemetry = new ScrapeTelemetry(ctx);
  const jobs = config.scrape_configs.map((job) => ({
    interval: job.scrape_interval,
    ...openable(ctx, job, telemetry),
  }));
  const stopped = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const underWay = new Set<Promise<unknown>>();
  const open = () => Promise.all(jobs.map(({ client }) => client.start()));
  const close = () => Promise.all(jobs.map(({ client }) => client.close()));

  const scrape = (target: Target) => {
    const scraping = target.scrape(stopped.signal).finally(() => underWay.delete(scraping));
    underWay.add(scraping);
  };

  return {
    async start() {
      await open();
      for (const { targets, interval } of jobs) {
        const scrapeAll = () => targets.forEach(scrape);
        scrapeAll();
        timers.push(setInterval(scrapeAll, interval));
      }
    },
    async readOnce(signal) {
      await open();
      const targets = jobs.flatMap((job) => job.targets);
      const results = await Promise.all(targets.map((target) => target.scrape(signal))).finally(close);
      const problems = results.filter((problem) => problem !== undefined);
      if (problems.length)
        throw new Error(`${problems.length} of ${targets.length} targets failed: ${problems.join('; ')}`);
    },
    async shutdown() {
      for (const timer of timers.splice(0)) clearInterval(timer);
      stopped.abort();
      await Promise.all(underWay);
      await close();
    },
  };
}

/** Returns the targets of a job with their common client. Throws where `tls` or `headers` cannot be used. */
function openable(ctx: SourceContext, job: Job, telemetry: ScrapeTelemetry): { client: HttpClient; targets: Target[] } {
  const client = new HttpClient(ctx, `${job.scheme}:`, job.tls);
  const common = {
    headers: requestHeaders(job.headers),
    timeout: job.scrape_timeout,
    limit: job.body_size_limit_mib * MIB,
    client,
  };
  const targets = job.static_configs.flatMap(({ targets, labels }) =>
    targets.map((address) => {
      const page = { ...common, url: `${job.scheme}://${address.instance}${job.metrics_path}` };
      return new Target(ctx, { job, address, labels, page, telemetry });
    }),
  );
  return { client, targets };
}
