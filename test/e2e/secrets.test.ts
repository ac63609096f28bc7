import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { printConfig } from '../../src/commands/print-config.ts';
import { validate } from '../../src/commands/validate.ts';
import { fromPlain, type Located, type Path } from '../../src/config/located.ts';
import type { Kind } from '../../src/plugin/kind.ts';
import { freePort } from '../kit/free-port.ts';
import { PluginFolder } from '../kit/plugin-folder.ts';
import { twoRuns } from '../kit/results.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runOnce, startWattline } from '../kit/wattline-process.ts';

/** Nothing else has it in any form; a number that nobody else writes is the same of another type. */
const MARK = 'kept-from-all-eyes-4711';
const NUMBER = '86753098675309';
const SEEN = /kept-from-all-eyes|86753098675309/i;
const plugins = fileURLToPath(new URL('../../plugins', import.meta.url));
const foldersIn = (path: string) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const folders = foldersIn(plugins).flatMap((kind) =>
  foldersIn(join(plugins, kind.name)).map((type) => [kind.name as `${Kind}s`, type.name] as const),
);

/** Each way in which a secret may come into a configuration: the text that stands there, all of them in one environment. */
const environment = { MARK, NUMBER, LIST: `[${MARK}, {a: ${NUMBER}}]`, URL: `http://u:${MARK}@127.0.0.1:9/?t=${MARK}` };
const ways: readonly string[] = [
  '${env:NUMBER}',
  '${env:LIST}',
  '${env:URL}',
  '${file:mark.txt}',
  '${file:mark.yaml}',
  'x-${env:MARK}.y',
  `http://u:${MARK}@127.0.0.1:9/x?token=${MARK}`,
];

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder({ 'mark.txt': `${MARK}\n`, 'mark.yaml': `a: ${MARK}\nb: [${NUMBER}]\n` });
});
afterAll(() => folder.remove());

/** All values of a section, with their paths: texts, lists and maps. */
function pathsOf(value: Located, path: Path = []): Path[] {
  if (value.kind === 'scalar') return [path];
  const inner =
    value.kind === 'list' ? [...value.items.entries()] : [...value.entries].map(([key, e]) => [key, e.value] as const);
  return [path, ...inner.flatMap(([step, one]) => pathsOf(one, [...path, step]))];
}

function withValue(value: unknown, [step, ...rest]: Path, planted: string): unknown {
  if (step === undefined) return planted;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[step] = withValue(copy[step], rest, planted);
  return copy;
}

/** A configuration with one section and what it takes to use it; everything else listens and calls nowhere. */
function configurationWith(kinds: `${Kind}s`, type: string, section: unknown): string {
  const others = {
    receivers: { http: { endpoint: '127.0.0.1:0' } },
    processors: { cost: { region: 'us-east-1' }, co2: { region: 'us-east-1' } },
    exporters: { debug: {} },
  };
  const all = { ...others, [kinds]: { ...(others as Record<string, object>)[kinds], [type]: section } } as Record<
    string,
    object
  >;
  const used = (kind: string) => Object.keys(all[kind] ?? {});
  const metrics = { receivers: used('receivers'), processors: used('processors'), exporters: used('exporters') };
  return stringify({ ...all, service: { extensions: used('extensions'), pipelines: { metrics } } });
}

/** Everything that the commands print of a configuration. */
async function outputsOf(text: string): Promise<string> {
  await folder.write({ 'wattline.yaml': text });
  const config = [join(folder.path, 'wattline.yaml')];
  const outputs: string[] = [];
  const stdout = new Writable({
    write(chunk, _, done) {
      outputs.push(String(chunk));
      done();
    },
  });
  if (await validate({ config, environment, json: true, stdout, stderr: stdout })) {
    outputs.push(await printConfig({ config, environment, mode: 'redacted', format: 'yaml' }));
  }
  return outputs.join('\n');
}

describe.each(folders)('a secret anywhere in plugins/%s/%s', (kinds, name) => {
  it('is shown by no command', async () => {
    const type = name.replaceAll('-', '_');
    const { default: plugin } = await import(/* @vite-ignore */ join(plugins, kinds, name, 'index.ts'));
    const sampled = new PluginFolder(plugin, join(plugins, kinds, name));
    const section = sampled.section(sampled.samples[1]);
    const leaks: string[] = [];
    let next = 0;
    for (const path of pathsOf(fromPlain(section, { file: '', line: 0, column: 0 }))) {
      // All would take minutes; each stands in many settings of each plugin.
      for (const text of ['${env:MARK}', ways[next++ % ways.length] as string]) {
        const outputs = await outputsOf(configurationWith(kinds, type, withValue(section, path, text)));
        const seen = outputs.split('\n').filter((line) => SEEN.test(line));
        if (seen.length) leaks.push(`${text} in ${path.join('.')}: ${seen.join(' | ')}`);
      }
    }
    expect(leaks).toEqual([]);
  });
});

/** Answers everything with what it was sent. */
async function startEcho(status: number): Promise<string> {
  const server = createServer((request, response) => {
    const sent = JSON.stringify([request.url, request.headers]);
    response
      .writeHead(status, { 'content-type': 'text/plain' })
      .end(`${'.'.repeat(240)}${request.headers.authorization}${sent}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Everything that calls a server, each with secrets in its URL and headers. */
const calling = (port: number, url: string) => `
receivers:
  http: { endpoint: 127.0.0.1:${port} }
  prometheus:
    scrape_configs:
      - job_name: echo
        scrape_interval: 100ms
        metrics_path: /metrics?token=${MARK}
        headers: { authorization: "Bearer \${env:MARK}" }
        static_configs: [{ targets: ["${new URL(url).host}"] }]
processors:
  live: {}
  totals: {}
  prometheus_query:
    endpoint: ${url}
    headers: { authorization: "Bearer \${env:MARK}" }
    queries: { power: "sum(x)" }
  cost: { region: us-east-1 }
  cost/streams: { region: us-east-1 }
  co2: { region: us-east-1, provider: electricity_maps }
providers:
  electricity_maps: { endpoint: "${url}", token: "\${env:MARK}" }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port} }
  otlphttp:
    metrics_endpoint: "${url}/a?token=${MARK}"
    headers: { authorization: "Bearer \${file:mark.txt}" }
    retry_on_failure: { max_elapsed_time: 300ms, initial_interval: 100ms }
  victoriametrics:
    endpoint: ${url}
    headers: { authorization: "Bearer ${MARK}" }
    retry_on_failure: { max_elapsed_time: 300ms, initial_interval: 100ms }
extensions:
  status: { endpoint: 127.0.0.1:${port} }
service:
  extensions: [status]
  telemetry: { logs: { level: debug } }
  pipelines:
    metrics: { receivers: [http], processors: [prometheus_query, cost, co2], exporters: [otlphttp, victoriametrics] }
    metrics/streams: { receivers: [prometheus], processors: [live, cost/streams, totals], exporters: [prometheus] }
`;

describe('a service', () => {
  it.each([200, 400, 401, 404, 500, 503])('shows no secret where all servers repeat it with %i', async (status) => {
    const port = await freePort();
    const files = { 'mark.txt': MARK };
    const wattline = await startWattline({ config: calling(port, await startEcho(status)), files, env: { MARK } });
    const url = `http://127.0.0.1:${port}`;
    await wattline.waitFor(`${url}/status`);
    const sent = await fetch(`${url}/v1/results`, { method: 'POST', body: JSON.stringify(twoRuns) });
    const outputs = [await sent.text()];
    for (const path of ['/status', '/metrics', '/v1/nothing']) {
      outputs.push(await (await fetch(url + path, { headers: { accept: 'application/json' } })).text());
    }
    expect(await wattline.stop()).toBe(0);
    expect(wattline.logs()).toContain('[REDACTED]');
    expect([...outputs, wattline.logs()].join('\n').match(new RegExp(`.{0,80}(?:${SEEN.source})`, 'gi'))).toBeNull();
    expect(outputs[0]).not.toMatch(/https?:|127\.0\.0\.1/);
  });
});

describe('a command', () => {
  const base = { receivers: 'file: { include: [./none/*.json] }', exporters: 'debug: {}', extensions: '{}' };
  const started = (sections: Partial<typeof base>, extensions = '[]', exporter = 'debug') => {
    const all = Object.entries({ ...base, ...sections }).map(([kind, text]) => `${kind}:\n  ${text}\n`);
    const metrics = `{ receivers: [file], processors: [], exporters: [${exporter}] }`;
    return `${all.join('')}service: { extensions: ${extensions}, pipelines: { metrics: ${metrics} } }\n`;
  };
  const url = 'https://${env:MARK}:1';

  it.each([
    ['no file', started({ receivers: 'file: { include: ["./${env:MARK}/*.json"] }' })],
    [
      'a folder that cannot be made',
      started({ extensions: 'file_storage: { directory: "./wattline.yaml/${env:MARK}" }' }, '[file_storage]'),
    ],
    [
      'a database elsewhere',
      started(
        { extensions: 'dashboard: { endpoint: "127.0.0.1:0", history: { path: "./wattline.yaml/${env:MARK}/a" } }' },
        '[dashboard]',
      ),
    ],
    [
      'no certificate',
      started(
        { extensions: 'status: { endpoint: "127.0.0.1:0", tls: { cert_file: "${env:MARK}", key_file: a } }' },
        '[status]',
      ),
    ],
    [
      'no tokens',
      started(
        { extensions: 'status: { endpoint: "127.0.0.1:0", auth: { bearer_token_file: "${env:MARK}" } }' },
        '[status]',
      ),
    ],
    [
      'no authority',
      started({ exporters: `otlphttp: { endpoint: "${url}", tls: { ca_file: "\${env:MARK}" } }` }, '[]', 'otlphttp'),
    ],
    [
      'a header that is none',
      started({ exporters: `otlphttp: { endpoint: "${url}", headers: { a: "\${env:MARK}\\n" } }` }, '[]', 'otlphttp'),
    ],
    ['no such plugin', `${started({})}plugins: ["./\${env:MARK}.ts"]\n`],
    ['no such component', started({}, '["${env:MARK}"]')],
  ])('says what is wrong without a secret where there is %s', async (_, config) => {
    const { code, stdout, stderr } = await runOnce({ config, env: { MARK } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/\$\{env:MARK\}|REDACTED|CREATE_FAILED/);
    expect(stdout + stderr).not.toMatch(SEEN);
  });
});
