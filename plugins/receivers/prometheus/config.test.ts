import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../../src/config/load.ts';
import { temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { configSchema } from './config.ts';

const static_configs = [{ targets: ['a:1'] }];
const problemsOf = (settings: object) =>
  configSchema.safeParse(settings).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
const problemsOfJob = (job: object) => problemsOf({ scrape_configs: [{ job_name: 'a', static_configs, ...job }] });

describe('what is global', () => {
  it('holds where a job says nothing itself', () => {
    const { scrape_configs } = configSchema.parse({
      global: { scrape_interval: '1m', scrape_timeout: '30s', external_labels: { cluster: 'c' } },
      scrape_configs: [
        { job_name: 'a', static_configs },
        { job_name: 'b', static_configs, scrape_interval: '15s' },
        { job_name: 'c', static_configs, scrape_timeout: '1s' },
      ],
    });
    const times = scrape_configs.map(({ scrape_interval, scrape_timeout }) => [scrape_interval, scrape_timeout]);
    expect(times).toEqual([
      [60_000, 30_000],
      [15_000, 15_000],
      [60_000, 1000],
    ]);
    expect(scrape_configs[0]?.external_labels).toEqual({ cluster: 'c' });
  });

  it('may stand with the jobs within `config`, and holds for those', () => {
    const { scrape_configs } = configSchema.parse({
      scrape_configs: [{ job_name: 'a', static_configs }],
      config: { global: { scrape_interval: '30s' }, scrape_configs: [{ job_name: 'b', static_configs }] },
    });
    expect(scrape_configs.map(({ job_name, scrape_interval }) => [job_name, scrape_interval])).toEqual([
      ['a', 5000],
      ['b', 30_000],
    ]);
  });

  it('is checked where it is written', () => {
    const job = { job_name: 'a', static_configs, scrape_timeout: '20s' };
    expect(problemsOf({ config: { global: { scrape_interval: '15s' }, scrape_configs: [job] } })).toEqual([
      'config.scrape_configs.0.scrape_timeout: expected at most `scrape_interval`',
    ]);
    expect(problemsOf({ config: { scrape_configs: [job, job] } })).toContain(
      'config.scrape_configs: expected each `job_name` once',
    );
    expect(problemsOf({})).toEqual(['scrape_configs: expected a list']);
  });
});

describe('a job', () => {
  it.each([
    [
      { basic_auth: {}, authorization: {} },
      'authorization: expected only one of `auth`, `basic_auth`, `authorization`',
    ],
    [{ auth: { authenticator: 'a' }, basic_auth: {} }, 'basic_auth: expected only one of'],
    [{ tls: {}, tls_config: {} }, 'tls_config: expected only one of `tls`, `tls_config`'],
    [
      { headers: { authorization: 'a' }, basic_auth: {} },
      'basic_auth: expected the header `authorization` or `basic_auth`, not both',
    ],
    [{ basic_auth: { password: 'a', password_file: 'b' } }, 'password_file: expected only one of'],
    [{ authorization: { type: 'Basic' } }, 'authorization.type: expected another word; `basic_auth` has Basic'],
    [{ authorization: { credentials: 'a', credentials_file: 'b' } }, 'credentials_file: expected only one of'],
    [{ authorization: { credentials: 'a\nb' } }, 'authorization.credentials: expected a text that a header can have'],
    [
      { http_sd_configs: [{ url: 'http://u:p@a/' }] },
      'http_sd_configs.0.url: expected a URL without user and password',
    ],
    [{ http_sd_configs: [{ url: 'nowhere' }] }, 'http_sd_configs.0.url: expected a URL such as'],
    [{ http_sd_configs: [{ url: 'file:///a' }] }, 'http_sd_configs.0.url: expected a URL such as'],
    [{ tls_config: { ca: 'a', ca_file: 'b' } }, 'tls_config.ca_file: expected only one of'],
    [{ tls_config: { cert: 'a' } }, 'tls_config: expected the certificate and its key together'],
    [{ relabel_configs: [{ regex: '(' }] }, 'relabel_configs.0.regex: expected a regular expression'],
    [{ relabel_configs: [{}] }, 'relabel_configs.0.target_label: expected a label'],
    [{ relabel_configs: [{ action: 'hashmod', target_label: 'a' }] }, 'relabel_configs.0.modulus: expected a number'],
    [
      { metric_relabel_configs: [{ action: 'labeldrop', source_labels: ['a'] }] },
      'metric_relabel_configs.0.source_labels: expected none',
    ],
    [{ static_configs: [] }, 'static_configs: expected a list, or one of the `…_sd_configs`'],
    [{ dns_sd_configs: [{ names: ['a'], type: 'A' }] }, 'dns_sd_configs.0.port: expected a port'],
    [
      { kubernetes_sd_configs: [{ role: 'pod', authorization: {} }] },
      'kubernetes_sd_configs.0.authorization: expected `api_server` beside it',
    ],
  ])('does not take %j', (job, message) => {
    expect(problemsOfJob(job).join('\n')).toContain(message);
  });

  it('may list a target twice where labels that only steer differ, and any text where rules make an address', () => {
    const probes = ['x', 'y'].map((__param_target) => ({ targets: ['a:1'], labels: { __param_target } }));
    expect(problemsOfJob({ static_configs: probes })).toEqual([]);
    const any = [{ targets: ['https://example.org', 'https://example.org'] }];
    const relabel_configs = [{ target_label: '__address__', replacement: 'prober:9115' }];
    expect(problemsOfJob({ static_configs: any, relabel_configs })).toEqual([]);
    expect(problemsOfJob({ static_configs: any })).not.toEqual([]);
  });
});

it('takes what YAML takes for no text, as Prometheus does', () => {
  const relabel_configs = [
    { source_labels: ['a'], regex: true, action: 'keep' },
    { source_labels: ['a'], regex: 9100, target_label: 'b', replacement: 0 },
  ];
  const { scrape_configs } = configSchema.parse({
    scrape_configs: [{ job_name: 'a', static_configs, relabel_configs }],
  });
  expect(scrape_configs[0]?.relabel_configs).toMatchObject([{ regex: 'true' }, { regex: '9100', replacement: '0' }]);
});

describe('the dollar sign of a replacement', () => {
  it.each(['$1', '$$1', '$${1}'])('may be written as %s', async (replacement) => {
    const folder = await temporaryFolder({
      'config.yaml': `
receivers:
  prometheus:
    config:
      scrape_configs:
        - job_name: a
          static_configs: [{ targets: ["a:1"] }]
          relabel_configs: [{ source_labels: [job], target_label: x, replacement: "${replacement}" }]
exporters: { debug: }
processors: { live:, totals: }
service: { pipelines: { metrics: { receivers: [prometheus], processors: [live, totals], exporters: [debug] } } }
`,
    });
    try {
      const { components } = await loadConfiguration([`${folder.path}/config.yaml`], { environment: {} });
      const config = components.find(({ kind }) => kind === 'receiver')?.config as ReturnType<
        typeof configSchema.parse
      >;
      expect(config.scrape_configs[0]?.relabel_configs[0]?.replacement).toBe(replacement.replace('$$', '$'));
    } finally {
      await folder.remove();
    }
  });
});
