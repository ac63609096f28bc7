import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

const base = `
receivers:
  http:
    auth: { bearer_tokens: ["\${env:TOKEN}"] }
processors:
  cost/first:
    region: \${env:REGION:-us-east-1}
exporters:
  otlphttp:
    endpoint: http://127.0.0.1:4999
    headers: { authorization: Bearer abc, x-team: encoders }
service:
  pipelines:
    metrics: { receivers: [http], processors: [cost/first], exporters: [otlphttp] }
`;
const over = 'processors: { cost/first: { usd_per_core_hour: 0.04 } }\n';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder({ 'base.yaml': base, 'over.yaml': over, 'broken.yaml': 'receivers: 1\n' });
});
afterAll(() => folder.remove());

const print = (...args: string[]) =>
  runWattline(['print-config', '--config', 'base.yaml', '--config', 'over.yaml', ...args], {
    cwd: folder.path,
    env: { TOKEN: 'a-secret-token' },
  });

describe('wattline print-config', () => {
  it('prints what counts: merged, expanded, with defaults, and without secrets', async () => {
    const { code, stdout, stderr } = await print();
    expect([code, stderr]).toEqual([0, '']);
    const printed = parse(stdout);
    expect(printed.processors['cost/first']).toMatchObject({
      region: 'us-east-1',
      usd_per_core_hour: 0.04,
      partial_total: false,
    });
    expect(printed.receivers.http).toMatchObject({
      endpoint: '127.0.0.1:4318',
      max_request_body_size_mib: 20,
      auth: { bearer_tokens: ['[REDACTED]'] },
    });
    expect(printed.exporters.otlphttp).toMatchObject({
      headers: { authorization: '[REDACTED]', 'x-team': '[REDACTED]' },
      sending_queue: { queue_size: 1000 },
      retry_on_failure: { enabled: true, initial_interval: '5s' },
    });
    expect(stdout).not.toMatch(/a-secret-token|Bearer abc/);
  });

  it('prints secrets where they are asked for, as JSON where that is', async () => {
    const { stdout } = await print(
      '--mode',
      'unredacted',
      '--format',
      'json',
      '--set',
      'processors.cost/first.region=x',
    );
    expect(stdout).toBe('');
    const { stdout: text } = await print('--mode', 'unredacted', '--format', 'json');
    expect(JSON.parse(text).receivers.http.auth.bearer_tokens).toEqual(['a-secret-token']);
  });

  it('prints what values are called now', async () => {
    const { stdout } = await print('--set', 'processors.co2.dataset=seed');
    expect(parse(stdout).processors.co2).toEqual(expect.objectContaining({ dataset: 'builtin' }));
  });

  it('is a configuration again', async () => {
    const { stdout } = await print('--mode', 'unredacted');
    await folder.write({ 'again.yaml': stdout });
    const { code, stderr } = await runWattline(['validate', '--config', 'again.yaml'], { cwd: folder.path });
    expect([code, stderr]).toEqual([0, '']);
    const again = await runWattline(['print-config', '--config', 'again.yaml', '--mode', 'unredacted'], {
      cwd: folder.path,
    });
    expect(again.stdout).toBe(stdout);
  });

  it('says what is wrong with a configuration that is', async () => {
    const { code, stderr } = await runWattline(['print-config', '--config', 'broken.yaml'], { cwd: folder.path });
    expect(code).toBe(1);
    expect(stderr).toContain('broken.yaml:1:12 receivers: not a map');
  });
});
