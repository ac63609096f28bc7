import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { messageOf } from '../src/errors.ts';
import { type Certificates, createCertificates } from '../test/kit/certificates.ts';
import { startProcess } from '../test/kit/child-process.ts';
import { parseExposition, seriesValue } from '../test/kit/exposition.ts';
import { freePort } from '../test/kit/free-port.ts';
import { describeWithPeers, findProgram, startPrometheus } from '../test/kit/peers.ts';
import { postRuns, runConfiguration, validateConfiguration } from '../test/kit/ready-configuration.ts';
import { twoRuns, twoRunsFigures } from '../test/kit/results.ts';
import { startWattline } from '../test/kit/wattline-process.ts';

const FILE = 'production.yaml';
const required = {
  WATTLINE_SENDER_TOKEN: 'sender-hush',
  WATTLINE_READER_TOKEN: 'reader-hush',
  OTLP_URL: 'https://otlp.example.com',
  OTLP_AUTHORIZATION: 'Bearer otlp-hush',
  VICTORIAMETRICS_URL: 'https://metrics.example.com',
  VICTORIAMETRICS_AUTHORIZATION: `Basic ${Buffer.from('wattline:victoria-hush').toString('base64')}`,
};
const SECRETS = /hush|d2F0dGxpbmU6/;
/** A user of one's own authority adds it in a second file. */
const OWN_AUTHORITY = `
exporters:
  otlphttp: { tls: { ca_file: ./ca.crt } }
  victoriametrics: { tls: { ca_file: ./ca.crt } }
`;
const OTLP_BACKEND = `
receivers:
  http:
    endpoint: 127.0.0.1:\${env:OTLP_PORT}
    tls: { cert_file: "\${env:CERT}", key_file: "\${env:KEY}" }
    auth: { bearer_tokens: [otlp-hush] }
exporters:
  prometheus: { endpoint: "127.0.0.1:\${env:PULL_PORT}" }
service:
  pipelines:
    metrics: { receivers: [http], exporters: [prometheus] }
`;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

it('is valid, and names every variable that is missing', async () => {
  expect(await validateConfiguration(FILE, required)).toMatchObject({ code: 0, stderr: '' });
  const nothing = Object.fromEntries(Object.keys(required).map((name) => [name, undefined]));
  const { code, stderr } = await validateConfiguration(FILE, nothing);
  expect(code).toBe(1);
  const missing = [...stderr.matchAll(/environment variable (\w+) is not set; /g)].map(([, name]) => name);
  expect(missing.sort()).toEqual(Object.keys(required).sort());
});

it.each([
  ['WATTLINE_SENDER_TOKEN', 'hush hush', 'receivers.http.auth.bearer_tokens[0]'],
  ['OTLP_AUTHORIZATION', 'Bearer ✓hush', 'exporters.otlphttp'],
  ['VICTORIAMETRICS_AUTHORIZATION', 'Basic ✓hush', 'exporters.victoriametrics'],
])('is refused where %s cannot be sent, and the secret is not shown', async (name, value, path) => {
  const { code, stdout, stderr } = await validateConfiguration(FILE, { ...required, [name]: value });
  expect(code).toBe(1);
  expect(stderr).toContain(`${path}: `);
  expect(stdout + stderr).not.toContain('hush');
});

describeWithPeers('with its peers', ['openssl', 'victoria-metrics', 'prometheus'], () => {
  let certificates: Certificates;
  beforeAll(async () => {
    certificates = await createCertificates();
    await certificates.folder.write({ 'own-authority.yaml': OWN_AUTHORITY });
  });
  afterAll(() => certificates.remove());

  async function startVictoriaMetricsWithTls(port: number) {
    const { folder, server } = certificates;
    const child = startProcess(
      findProgram('victoria-metrics') as string,
      [
        `-storageDataPath=${folder.path}/data`,
        `-httpListenAddr=127.0.0.1:${port}`,
        ...['-retentionPeriod=100y', '-tls', `-tlsCertFile=${server.cert}`, `-tlsKeyFile=${server.key}`],
        ...['-httpAuth.username=wattline', '-httpAuth.password=victoria-hush'],
      ],
      { cwd: folder.path },
    );
    closing.push(() => child.stop('SIGTERM'));
    const call = certificates.fetchTrusting();
    const health = () => call(`https://127.0.0.1:${port}/health`).then(({ ok }) => ok, messageOf);
    await expect.poll(health, { timeout: 20_000 }).toBe(true);
  }

  it('keeps runs through an outage and a restart, and lets nobody in who has no right', {
    timeout: 90_000,
  }, async () => {
    const { folder, server, ca, otherCa } = certificates;
    const [receiverPort, pullPort, otlpPort, victoriaPort, backendPort] = (await Promise.all(
      Array.from({ length: 5 }, freePort),
    )) as [number, number, number, number, number];
    const [receiver, pull] = [`https://127.0.0.1:${receiverPort}`, `https://127.0.0.1:${pullPort}`];
    const call = certificates.fetchTrusting();
    const start = async () => {
      const env = {
        ...required,
        WATTLINE_RECEIVER: `127.0.0.1:${receiverPort}`,
        WATTLINE_ENDPOINT: `127.0.0.1:${pullPort}`,
        WATTLINE_TLS_CERT: server.cert,
        WATTLINE_TLS_KEY: server.key,
        WATTLINE_STATE: `${folder.path}/state`,
        OTLP_URL: `https://localhost:${otlpPort}`,
        VICTORIAMETRICS_URL: `https://localhost:${victoriaPort}`,
      };
      const wattline = runConfiguration(FILE, env, [`${folder.path}/own-authority.yaml`]);
      closing.push(() => wattline.stop('SIGKILL'));
      await expect.poll(() => wattline.stderr(), { timeout: 45_000 }).toContain(`${receiver}/v1/results`);
      return wattline;
    };

    // Neither backend is there yet.
    const first = await start();
    const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
    const post = (headers?: Record<string, string>) =>
      postRuns(receiver, twoRuns.scenarios, { call, ...(headers && { headers }) });
    expect(await post()).toBe(401);
    expect(await post(bearer(required.WATTLINE_READER_TOKEN))).toBe(401);
    expect(await post(bearer(required.WATTLINE_SENDER_TOKEN))).toBe(200);
    const stranger = certificates.fetchTrusting(otherCa)(`${pull}/health`);
    expect(await stranger.then(() => 'it trusts anybody', messageOf)).toMatch(/unable to verify/);
    expect((await call(`${pull}/health`)).status).toBe(200);
    expect((await call(`${pull}/metrics`)).status).toBe(401);
    const metrics = await call(`${pull}/metrics`, { headers: bearer(required.WATTLINE_READER_TOKEN) });
    expect(
      seriesValue(parseExposition(await metrics.text()), 'otelcol_exporter_queue_size', { exporter: 'otlphttp' }),
    ).toBe(2);
    expect(await first.stop('SIGTERM')).toBe(0);

    await startVictoriaMetricsWithTls(victoriaPort);
    const backend = await startWattline({
      config: OTLP_BACKEND,
      env: { OTLP_PORT: String(otlpPort), PULL_PORT: String(backendPort), CERT: server.cert, KEY: server.key },
    });
    closing.push(backend.stop);
    await backend.waitFor(`http://127.0.0.1:${backendPort}/health`);
    const second = await start();
    const scenarios = twoRuns.scenarios.map(({ name }) => name);
    const scrape = async () => parseExposition(await (await fetch(`http://127.0.0.1:${backendPort}/metrics`)).text());
    const arrived = async () =>
      (await scrape()).flatMap(({ name, labels }) => (name === 'co2_emissions_kg' ? [labels.scenario] : []));
    await expect.poll(async () => (await arrived()).sort(), { timeout: 45_000 }).toEqual(scenarios);
    const samples = await scrape();
    for (const [name, figures] of Object.entries(twoRunsFigures)) {
      for (const scenario of scenarios) {
        expect(seriesValue(samples, name, { scenario })).toBeCloseTo(figures[scenario] as number, 15);
      }
    }
    const authorization = required.VICTORIAMETRICS_AUTHORIZATION;
    const stored = async () => {
      await call(`https://127.0.0.1:${victoriaPort}/internal/force_flush`, { headers: { authorization } });
      const query = new URLSearchParams({ 'match[]': 'cost_total_load_aware' });
      const answer = await call(`https://127.0.0.1:${victoriaPort}/api/v1/export?${query}`, {
        headers: { authorization },
      });
      const lines = (await answer.text())
        .trim()
        .split('\n')
        .filter((line) => line !== '');
      return lines.map((line) => JSON.parse(line).metric.scenario).sort();
    };
    await expect.poll(stored, { timeout: 45_000 }).toEqual(scenarios);

    // Prometheus may read, with the token from a file.
    await folder.write({ token: required.WATTLINE_READER_TOKEN });
    const prometheus = await startPrometheus(`
scrape_configs:
  - job_name: wattline
    scheme: https
    scrape_interval: 1s
    tls_config: { ca_file: ${ca} }
    authorization: { credentials_file: ${folder.path}/token }
    static_configs: [{ targets: ["127.0.0.1:${pullPort}"] }]
`);
    closing.push(prometheus.stop);
    const alive = async () => {
      const answer = await fetch(`${prometheus.url}/api/v1/query?query=cost_exporter_alive`);
      return ((await answer.json()) as { data: { result: { value: unknown[] }[] } }).data.result.map(
        ({ value }) => value[1],
      );
    };
    await expect.poll(alive, { timeout: 45_000 }).toEqual(['1']);

    expect(await second.stop('SIGTERM')).toBe(0);
    for (const { stdout, stderr } of [first, second]) expect(stdout() + stderr()).not.toMatch(SECRETS);
  });
});
