import { refusedKeys, z } from 'wattline/plugin';
import { interval, type ScrapeConfig, scrapeConfig, timeout } from './job-settings.ts';

const DEFAULT_INTERVAL = 5_000;
const DEFAULT_TIMEOUT = 10_000;

const noRules = 'Wattline only scrapes; leave it to Prometheus';
const absent = {
  rule_files: noRules,
  alerting: noRules,
  remote_write: 'use an exporter',
  remote_read: noRules,
  storage: noRules,
  tracing: noRules,
  otlp: 'use the receiver `otlp`',
  runtime: noRules,
  scrape_config_files: 'write `scrape_configs: ${file:…}` for one of them',
};

const global = z
  .strictObject({
    scrape_interval: interval().describe('The `scrape_interval` of jobs that have none'),
    scrape_timeout: timeout().describe('The `scrape_timeout` of jobs that have none'),
    external_labels: z
      .record(z.string().min(1), z.string())
      .default({})
      .describe('Resource attributes of all targets that have none of that name'),
    evaluation_interval: z.string().optional().describe('Accepted without effect: there are no rules'),
  })
  .meta({
    id: 'prometheus_global',
    ...refusedKeys({
      query_log_file: noRules,
      rule_query_offset: noRules,
      scrape_protocols: 'text is requested, whatever else a target has; leave it out',
      body_size_limit: 'use `body_size_limit_mib` in each job, a number',
      sample_limit: 'use `body_size_limit_mib` and `metric_names` in each job',
      target_limit: 'use `target_limit` in each job',
    }),
  });

const jobs = () => z.array(scrapeConfig).min(1);
const about = 'What holds for all jobs that stand beside it';

const settings = z
  .strictObject({
    scrape_configs: jobs().optional().describe('What is scraped: a list of jobs, in the words of Prometheus'),
    global: global.optional().describe(about),
    config: z
      .strictObject({
        scrape_configs: jobs().describe('More jobs'),
        global: global.optional().describe(about),
      })
      .meta(refusedKeys(absent))
      .optional()
      .describe('The configuration of Prometheus as the receiver of a Collector has it, in a section of its own'),
  })
  .superRefine(({ scrape_configs, config }, ctx) => {
    if (!scrape_configs && !config)
      ctx.addIssue({ code: 'custom', path: ['scrape_configs'], message: 'expected a list' });
    const names = [...(scrape_configs ?? []), ...(config?.scrape_configs ?? [])].map(({ job_name }) => job_name);
    if (new Set(names).size === names.length) return;
    const path = [...(scrape_configs ? [] : ['config']), 'scrape_configs'];
    ctx.addIssue({ code: 'custom', path, message: 'expected each `job_name` once', input: scrape_configs ?? config });
  })
  .meta(
    refusedKeys({
      ...absent,
      target_allocator: 'use `kubernetes_sd_configs`; `hashmod` shares targets out between several',
      trim_metric_suffixes: 'names come as they are; leave it out',
      use_start_time_metric: 'what a page says of the start of a counter counts anyway; leave it out',
      start_time_metric_regex: 'what a page says of the start of a counter counts anyway; leave it out',
      report_extra_scrape_metrics: 'the metrics of this receiver say how scrapes went; leave it out',
    }),
  );

/** The settings, with every job complete: with what is global, and a time for each that has none. */
export const configSchema = settings.transform(({ config, ...own }, ctx) => ({
  scrape_configs: [...completed(own, [], ctx), ...(config ? completed(config, ['config'], ctx) : [])],
}));

export interface Job extends ScrapeConfig {
  /** Milliseconds. */
  readonly scrape_interval: number;
  readonly scrape_timeout: number;
  readonly external_labels: Readonly<Record<string, string>>;
}

export type Config = z.output<typeof configSchema>;

type Part = Pick<z.output<typeof settings>, 'scrape_configs' | 'global'>;

function completed({ scrape_configs = [], global }: Part, path: readonly string[], ctx: z.core.$RefinementCtx): Job[] {
  return scrape_configs.map((job, index) => {
    const scrape_interval = job.scrape_interval ?? global?.scrape_interval ?? DEFAULT_INTERVAL;
    const scrape_timeout = job.scrape_timeout ?? Math.min(global?.scrape_timeout ?? DEFAULT_TIMEOUT, scrape_interval);
    if (scrape_timeout > scrape_interval) {
      const place = [...path, 'scrape_configs', index, 'scrape_timeout'];
      const message = 'expected at most `scrape_interval`';
      ctx.addIssue({ code: 'custom', path: place, message, input: job.scrape_timeout });
    }
    return { ...job, scrape_interval, scrape_timeout, external_labels: global?.external_labels ?? {} };
  });
}
