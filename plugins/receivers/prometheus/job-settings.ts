import { clientSettings } from 'wattline/http';
import { duration, refusedKeys, secret, z } from 'wattline/plugin';
import { absentDiscoveries, discoverySettings } from './discovery/settings.ts';
import { absentHttpSettings, checkCredentials, httpSettings } from './http-settings.ts';
import { relabelRule } from './relabel-settings.ts';

const TARGET = /^(?<host>\[[0-9a-fA-F:.]+\]|[^\s:/@[\]]+):(?<port>\d{1,5})$/;
const TARGET_WANTED = 'expected host:port such as 10.0.0.5:9100; the scheme and the path have settings of their own';

const target = z.string().transform((instance) => {
  const { host = '', port } = TARGET.exec(instance)?.groups ?? {};
  return { instance, host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
});

const globs = z.string().regex(/^[^\p{Cc}"{}()[\]|^$\\+]+$/u, {
  error: 'expected the name of a metric, with * and ? for others; regular expressions are for `metric_relabel_configs`',
});

/** How often targets are scraped. */
export const interval = () => duration({ least: '10ms', most: '24h' }).optional();
/** How long a scrape may take. */
export const timeout = () =>
  duration()
    .refine((milliseconds) => milliseconds > 0, { error: 'expected a duration above 0' })
    .optional();
const withoutEffect = (why: string) => z.boolean().optional().describe(`Accepted without effect: ${why}`);

const open = (what: string) => z.array(z.string()).optional().describe(what);
const params = z
  .object({
    target: open('What a multi-target exporter is asked for; the run is that of this machine'),
    module: open('The module of such an exporter'),
    'collect[]': open('What is collected'),
    'match[]': open('What is selected of what another Prometheus has'),
  })
  .catchall(z.array(secret()))
  .default({});

/** A job of `scrape_configs`. */
export const scrapeConfig = z
  .strictObject({
    job_name: z.string().min(1).describe('What the targets are; becomes `service.name`'),
    scrape_interval: interval().describe(
      'How often each target is scraped, from 10ms to 24h. Where left out that of `global`, else `5s`: Prometheus has 1m, too coarse for gauges of power, whose trapezoids are added up',
    ),
    scrape_timeout: timeout().describe(
      'How long one scrape may take until the page is there, at most `scrape_interval`. Where left out that of `global`, else `10s`, or `scrape_interval` where that is less',
    ),
    metrics_path: z.string().startsWith('/').default('/metrics').describe('The path, and the query if there is one'),
    params: params.describe('More of the query: lists of values by name. Those of other names than here are secrets'),
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
      .default([])
      .describe('Targets that are listed here'),
    ...discoverySettings,
    relabel_configs: z.array(relabelRule).default([]).describe('What becomes of targets, by their labels'),
    metric_relabel_configs: z.array(relabelRule).default([]).describe('What becomes of samples, by their labels'),
    target_limit: z
      .number()
      .int()
      .positive()
      .default(10_000)
      .describe('How many targets may be found; more are not scraped, which the log says'),
    metric_names: z
      .array(globs)
      .min(1)
      .default(['*'])
      .describe('Globs of the names to keep, as the page has them; `*` is any number of characters, `?` is one'),
    honor_labels: z
      .boolean()
      .default(true)
      .describe(
        "Whether labels of a page win over labels of its target. Prometheus has false: a page's `instance`, `job` and other labels of the target become `exported_…`",
      ),
    honor_timestamps: z.boolean().default(true).describe('Whether the times of a page count'),
    body_size_limit_mib: z.number().positive().default(32).describe('The largest page read, decompressed, in MiB'),
    headers: z.record(z.string(), secret()).default({}).describe('HTTP headers of every request, for authentication'),
    ...clientSettings,
    ...httpSettings,
    enable_compression: z.boolean().default(true).describe('Whether pages may come compressed'),
    scrape_classic_histograms: withoutEffect('histograms are not read'),
    always_scrape_classic_histograms: withoutEffect('histograms are not read'),
    track_timestamps_staleness: withoutEffect('a target that is gone sends no more points'),
  })
  .superRefine(checkTargets, { when: () => true })
  .superRefine(checkCredentials)
  .meta({
    id: 'prometheus_scrape_config',
    ...refusedKeys({
      ...absentHttpSettings,
      ...absentDiscoveries,
      body_size_limit: 'use `body_size_limit_mib`, a number',
      sample_limit: 'use `body_size_limit_mib` and `metric_names`',
      label_limit: 'use `body_size_limit_mib`',
      label_name_length_limit: 'use `body_size_limit_mib`',
      label_value_length_limit: 'use `body_size_limit_mib`',
      keep_dropped_targets: 'dropped targets are not kept; leave it out',
      scrape_protocols: 'text is requested, whatever else a target has; leave it out',
      fallback_scrape_protocol: 'a page without a type is read as text; leave it out',
      scrape_native_histograms: 'histograms are not read; leave it out',
      native_histogram_bucket_limit: 'histograms are not read; leave it out',
      native_histogram_min_bucket_factor: 'histograms are not read; leave it out',
      convert_classic_histograms_to_nhcb: 'histograms are not read; leave it out',
      metric_name_validation_scheme: 'names are any UTF-8; leave it out',
      metric_name_escaping_scheme: 'names come as they are; leave it out',
      scrape_failure_log_file: 'the log says why a scrape failed; leave it out',
    }),
  });

export type ScrapeConfig = z.output<typeof scrapeConfig>;

/** The listed targets and what rules may make of them, as far as a job that is not valid has them. */
interface Listing {
  readonly static_configs?: unknown;
  readonly relabel_configs?: unknown;
}

/**
 * Adds an issue where a job has no way to targets, and for each target that is not as it must be: a rule may still make an
 * address of any text.
 */
function checkTargets(given: unknown, ctx: z.core.$RefinementCtx): void {
  if (typeof given !== 'object' || given === null) return;
  const job = given as Listing & Readonly<Record<string, unknown>>;
  const listed = Array.isArray(job.static_configs) ? job.static_configs : [];
  const isFound = Object.keys(discoverySettings).some((key) => Array.isArray(job[key]) && job[key].length > 0);
  const refuse = (path: (string | number)[], message: string, input: unknown) =>
    ctx.addIssue({ code: 'custom', path: ['static_configs', ...path], message, input });
  if (Array.isArray(job.static_configs) && listed.length === 0 && !isFound)
    refuse([], 'expected a list, or one of the `…_sd_configs`', undefined);
  if (Array.isArray(job.relabel_configs) && job.relabel_configs.length > 0) return;
  const seen = new Set<string>();
  for (const [index, entry] of listed.entries()) {
    const { targets, labels } = (entry ?? {}) as Partial<ScrapeConfig['static_configs'][number]>;
    const own = Object.entries(labels ?? {}).filter(([name]) => name.startsWith('__'));
    for (const [at, { instance, port }] of Array.isArray(targets) ? targets.entries() : []) {
      if (!(port >= 1 && port <= 65_535)) refuse([index, 'targets', at], TARGET_WANTED, instance);
      const key = JSON.stringify([instance, ...own.sort()]);
      if (seen.has(key)) refuse([], 'expected each target once', listed);
      seen.add(key);
    }
  }
}
