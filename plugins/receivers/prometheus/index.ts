import { definePlugin, type Receiver } from 'wattline/plugin';
import { type Config, configSchema } from './config.ts';
import { ScrapeJob } from './job.ts';
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
    const jobs = config.scrape_configs.map((job) => new ScrapeJob(ctx, job, telemetryOf));
    const open = () => Promise.all(jobs.map((job) => job.open()));
    const close = async () => {
      await Promise.all(jobs.map((job) => job.close()));
    };
    return {
      async start() {
        await open();
        for (const job of jobs) job.start();
      },
      async readOnce(signal) {
        await open();
        const results = await Promise.all(jobs.map((job) => job.scrapeOnce(signal))).finally(close);
        const targets = results.reduce((sum, one) => sum + one.targets, 0);
        const failed = results.flatMap((one) => one.failed);
        const problems = results.flatMap((one) => one.notFound);
        if (targets === 0 && problems.length === 0) ctx.logger.warn('no target was found');
        if (failed.length) problems.push(`${failed.length} of ${targets} targets failed: ${failed.join('; ')}`);
        if (problems.length) throw new Error(problems.join('; '));
      },
      shutdown: close,
    };
  },
});
