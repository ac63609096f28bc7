import { hostname } from 'node:os';
import type { Attributes } from '@opentelemetry/api';
import { HttpClient, requestHeaders } from 'wattline/http';
import { definePlugin, hostOfAddress, isLoopback, type Receiver, type SourceContext } from 'wattline/plugin';
import { type Address, type Config, configSchema, type Job } from './config.ts';
import { Target } from './target.ts';
import { scrapeTelemetry } from './telemetry.ts';

export default definePlugin({
  contract: 2,
  kind: 'receiver',
  type: 'prometheus',
  stability: 'beta',
  streams: 'sends',
  configSchema,
  // No `emits`: a target may have any metric.
  create(ctx, config: Config): Receiver {
    const telemetryOf = scrapeTelemetry(ctx);
    const jobs = config.scrape_configs.map((job) => {
      const client = new HttpClient(ctx, `${job.scheme}:`, job.tls, job.auth);
      return { interval: job.scrape_interval, client, targets: targetsOf(job, client, ctx, telemetryOf) };
    });
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
  },
});

/** Returns the targets of a job. Throws where its `headers` cannot be used. */
function targetsOf(
  job: Job,
  client: HttpClient,
  ctx: SourceContext,
  telemetryOf: ReturnType<typeof scrapeTelemetry>,
): Target[] {
  const { job_name: name } = job;
  const common = { ...job, client, headers: requestHeaders(job.headers) };
  const names = anyOf(job.metric_names);
  return job.static_configs.flatMap(({ targets, labels }) =>
    targets.map(({ instance, host, port }) => {
      const attributes = { ...attributesOf({ instance, host, port }, name, job.metrics_path), ...labels };
      const page = { ...common, url: `${job.scheme}://${instance}${job.metrics_path}` };
      const telemetry = telemetryOf({ receiver: ctx.id, scrape_job: name, target: instance });
      return new Target(ctx, { page, attributes, host, names, telemetry });
    }),
  );
}

/**
 * Returns what a target's runs say of it. One that shows another machine, `?target=` in its path, is that machine; what is
 * reached by a loopback address is this one.
 */
function attributesOf({ instance, host, port }: Address, job: string, path: string): Attributes {
  const probed = new URL(path, 'http://target').searchParams.get('target') ?? undefined;
  const machine = probed === undefined ? host : probedHost(probed);
  return {
    'service.name': job,
    'service.instance.id': probed ?? instance,
    'server.address': machine,
    ...(probed === undefined && { 'server.port': port }),
    ...(isLoopback(machine) && { 'host.name': hostname() }),
  };
}

/** The host of what a multi-target exporter is asked for: a URL, `host:port`, or a host. */
function probedHost(probed: string): string {
  if (URL.canParse(probed) && probed.includes('//')) return new URL(probed).hostname;
  return hostOfAddress(probed) ?? probed;
}

/** Returns a pattern that matches the names matched by one of the globs. */
function anyOf(globs: readonly string[]): RegExp {
  const patterns = globs.map((glob) => glob.replaceAll('*', '.*').replaceAll('?', '.'));
  return new RegExp(`^(?:${patterns.join('|')})$`);
}
