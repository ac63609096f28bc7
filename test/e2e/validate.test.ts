import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { type Finished, runWattline } from '../kit/wattline-process.ts';

/** Ends the process with status 99 as soon as anything opens a connection, a listener, or asks for an address. */
const NO_NETWORK = `data:text/javascript,${encodeURIComponent(`
  import net from 'node:net';
  import dns from 'node:dns';
  const refuse = (what) => () => { console.error('touched the network: ' + what); process.exit(99); };
  net.Socket.prototype.connect = refuse('connect');
  net.Server.prototype.listen = refuse('listen');
  dns.lookup = refuse('lookup');
`)}`;

const BASE = {
  receivers: 'receivers: { file: { include: [./results/*.json] } }',
  processors: 'processors: { cost: { region: us-east-1 } }',
  exporters: 'exporters: { prometheus: { endpoint: "127.0.0.1:9514" } }',
  service: 'service: { pipelines: { metrics: { receivers: [file], processors: [cost], exporters: [prometheus] } } }',
};

/** A valid configuration with some sections replaced; each section stands on a line of its own, in this order. */
const configuration = (sections: Partial<typeof BASE>): string => Object.values({ ...BASE, ...sections }).join('\n');

const broken: readonly [name: string, text: string, problems: readonly string[]][] = [
  [
    'unknown key',
    configuration({ receivers: 'receivers: { file: { inclde: [a] } }' }),
    [
      'wattline.yaml:1:22 receivers.file.inclde: unknown key; did you mean `include`? [CONFIG_UNKNOWN_KEY]',
      'CONFIG_MISSING_KEY',
    ],
  ],
  [
    'unknown type',
    configuration({ exporters: 'exporters: { prometheus: , promethius: }' }),
    ['wattline.yaml:3:28 exporters.promethius: unknown exporter type `promethius`; did you mean `prometheus`?'],
  ],
  [
    'unknown region',
    configuration({ processors: 'processors: { cost: { region: us-east-9 } }' }),
    ['wattline.yaml:2:31 processors.cost.region: "us-east-9"', 'did you mean `us-east-1`?'],
  ],
  [
    'duration',
    configuration({ exporters: 'exporters: { prometheus: { metric_expiration: fast } }' }),
    ['wattline.yaml:3:47 exporters.prometheus.metric_expiration: "fast"', 'expected a duration such as 5s'],
  ],
  [
    'endpoint',
    configuration({ exporters: 'exporters: { prometheus: { endpoint: 9514 } }' }),
    ['wattline.yaml:3:38 exporters.prometheus.endpoint: 9514'],
  ],
  [
    'reference',
    configuration({ service: BASE.service.replace('[cost]', '[costs]') }),
    [
      'wattline.yaml:4:68 service.pipelines.metrics.processors[0]: processor `costs` is not configured; did you mean `cost`?',
    ],
  ],
  [
    'no exporter',
    configuration({ service: BASE.service.replace('exporters: [prometheus]', 'exporters: []') }),
    ['wattline.yaml:4:75 service.pipelines.metrics.exporters'],
  ],
  ['duplicate key', `${configuration({})}\n${BASE.receivers}`, ['wattline.yaml:5:1', 'CONFIG_SYNTAX']],
  [
    'variable',
    configuration({ processors: 'processors: { cost: { region: "${env:9X}" } }' }),
    ['wattline.yaml:2:31 processors.cost.region: environment variable "9X" has an invalid name'],
  ],
  [
    'plugin',
    `${configuration({})}\nplugins: [./missing.ts]`,
    ['wattline.yaml:5:11 plugins[0]: `./missing.ts` cannot be loaded'],
  ],
];

describe('wattline validate', () => {
  async function validate(text: string): Promise<Finished> {
    const folder = await temporaryFolder({ 'wattline.yaml': text });
    try {
      const env = { NODE_OPTIONS: `--import=${NO_NETWORK}` };
      return await runWattline(['validate', '--config', join(folder.path, 'wattline.yaml')], { cwd: folder.path, env });
    } finally {
      await folder.remove();
    }
  }

  it('accepts a valid configuration without touching the network', async () => {
    const { code, stdout, stderr } = await validate(configuration({}));
    expect(stderr).toBe('');
    expect(stdout).toMatch(/wattline\.yaml: valid, 1 pipeline\n$/);
    expect(code).toBe(0);
  });

  it('warns of the name that a dataset had before, and takes it', async () => {
    const { code, stderr } = await validate(
      configuration({
        processors: 'processors: { cost: { region: us-east-1 }, co2: { region: us-east-1, dataset: seed } }',
      }),
    );
    const place = 'wattline.yaml:2:79 processors.co2.dataset';
    expect([code, stderr]).toEqual([0, `warning: ${place}: \`seed\` is deprecated; write \`builtin\`\n`]);
  });

  it.each(broken)('says where and how to mend: %s', async (_, text, problems) => {
    const { code, stderr } = await validate(text);
    for (const problem of problems) expect(stderr).toContain(problem);
    expect(stderr).toMatch(/\d problems? found\n$/);
    expect(code).toBe(1);
  });

  it('prints the problems of all ten in one file at once', async () => {
    const text = [
      'receivers: { file: { inclde: [a] }, htp: , "x/": }',
      'processors: { cost: { region: us-east-9, usd_per_core_hour: cheap } }',
      'exporters: { prometheus: { metric_expiration: fast, endpoint: 9514 } }',
      'service: { pipelines: { metrics: { receivers: [fil], processors: [cost, cost], exporters: [] } } }',
      'extras: 1',
    ].join('\n');
    const { code, stderr } = await validate(text);
    const places = stderr
      .split('\n')
      .flatMap((line) => /^wattline\.yaml:(\d+:\d+) \S+: .+; .+ \[[A-Z_]+\]$/.exec(line)?.[1] ?? []);
    expect(places.length).toBe(stderr.trim().split('\n').length - 1);
    expect(places.length).toBeGreaterThanOrEqual(11);
    expect(code).toBe(1);
  });
});
