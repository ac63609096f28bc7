import { clientSettings } from 'wattline/http';
import { duration, secret, z } from 'wattline/plugin';

const TARGET = /^(?<host>\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+):(?<port>\d{1,5})$/;
const TARGET_WANTED = 'expected host:port such as 10.0.0.5:9100; the scheme and the path have settings of their own';
const DEFAULT_TIMEOUT = 10_000;

const target = z.string().transform((instance, ctx) => {
  const { host = '', port } = TARGET.exec(instance)?.groups ?? {};
  if (!(Number(port) >= 1 && Number(port) <= 65_535)) ctx.addIssue(TARGET_WANTED);
  return { instance, host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
});

const scrapeConfig = z
  .strictObject({
    job_name: z.string().min(1).describe('What the targets are; becomes `service.name`'),
    scrape_interval: duration({ least: '10ms', most: '24h' })
      .prefault('5s')
      .describe(
        'How often each target is scraped, from 10ms to 24h. Prometheus has 1m, too coarse for gauges of power, whose trapezoids are added up',
      ),
    scrape_timeout: duration()
      .refine((milliseconds) => milliseconds > 0, { error: 'expected a duration above 0' })
      .optional()
      .describe(
        'How long one scrape may take until the page is there, at most `scrape_interval`. Where left out `10s`, or `scrape_interval` where that is less',
      ),
    metrics_path: z.string().startsWith('/').default('/metrics').describe('The path, and the query if there is one'),
    scheme: z.enum(['http', 'https']).default('http').describe('How targets are called: `http` or `https`'),
    static_configs: z
      .array(
        z.strictObject({
          targets: z.array(target).min(1).describe('Where to scrape, each as `host:port`'),
          labels: z
            .record(z.string().min(1), z.string())
            .default({})
            .describe(
              'Resource attributes of these targets, such as `scenario`, `region`, `host.name`; they win over those of the run',
            ),
        }),
      )
      .min(1)
      .describe('The targets'),
    metric_names: z
      .array(
        z.string().regex(/^[a-zA-Z0-9_:*?]+$/, { error: 'expected the name of a metric, with * and ? for others' }),
      )
      .min(1)
      .default(['*'])
      .describe('Globs of the names to keep, as the page has them; `*` is any number of characters, `?` is one'),
    body_size_limit_mib: z.number().positive().default(32).describe('The largest page read, decompressed, in MiB'),
    headers: z.record(z.string(), secret()).default({}).describe('HTTP headers of every request, for authentication'),
    ...clientSettings,
  })
  .transform((job) => ({
    ...job,
    scrape_timeout: job.scrape_timeout ?? Math.min(DEFAULT_TIMEOUT, job.scrape_interval),
  }))
  .refine((job) => job.scrape_timeout <= job.scrape_interval, {
    path: ['scrape_timeout'],
    error: 'expected at most `scrape_interval`',
  })
  .refine((job) => isUnique(job.static_configs.flatMap(({ targets }) => targets.map(({ instance }) => instance))), {
    path: ['static_configs'],
    error: 'expected each target once',
  });

export const configSchema = z.strictObject({
  scrape_configs: z
    .array(scrapeConfig)
    .min(1)
    .refine((jobs) => isUnique(jobs.map(({ job_name }) => job_name)), { error: 'expected each `job_name` once' })
    .describe('What is scraped: a list of jobs, in the words of Prometheus'),
});

export type Config = z.output<typeof configSchema>;
export type Job = Config['scrape_configs'][number];
export type Address = Job['static_configs'][number]['targets'][number];

function isUnique(items: readonly string[]): boolean {
  return new Set(items).size === items.length;
}
