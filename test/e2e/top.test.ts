import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeers } from '../kit/peers.ts';
import { type Terminal, terminalPrograms, typeInTerminal } from '../kit/terminal.ts';
import { freePort, runWattline, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const port = await freePort();
const url = `http://127.0.0.1:${port}/status`;
const TOKEN = 'a-long-random-token';
let wattline: WattlineProcess;

beforeAll(async () => {
  const shared = `endpoint: "127.0.0.1:${port}", auth: { bearer_tokens: [${TOKEN}] }`;
  wattline = await startWattline({
    config: `
receivers: { http: { endpoint: "127.0.0.1:${await freePort()}" } }
exporters: { prometheus: { ${shared} } }
extensions: { status: { ${shared} } }
service: { extensions: [status], pipelines: { metrics: { receivers: [http], exporters: [prometheus] } } }
`,
  });
  await wattline.waitFor(`http://127.0.0.1:${port}/health`);
});
afterAll(() => wattline.stop());

const env = { WATTLINE_TOKEN: TOKEN };

describe('wattline top', () => {
  it('prints the status once where there is no terminal', async () => {
    const { code, stdout, stderr } = await runWattline(['top', '--url', url], { env });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^wattline \d+\.\d+\.\d+: running, up \d+s/);
    expect(stdout).toMatch(/^receiver http +running +(0 +)?0 +0 +0$/m);
    expect(stdout).not.toContain('\x1b');
  });

  it.each([
    ['nobody listens', `http://127.0.0.1:9/status`, 'no status from http://127.0.0.1:9/status: fetch failed'],
    ['it has no token', url, `no status from ${url}: 401 a token is needed here`],
    ['it is something else', url.replace('/status', '/health'), 'no status from'],
  ])('says so where %s', async (_, address, message) => {
    const { code, stdout, stderr } = await runWattline(['top', '--once', '--url', address]);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(message);
    expect(stderr).toContain('[NO_STATUS]');
  });

  it('refuses an interval that is none', async () => {
    const { code, stderr } = await runWattline(['top', '--interval', '0s']);
    expect([code, stderr]).toEqual([1, expect.stringContaining('--interval must be a duration such as 2s')]);
  });

  describeWithPeers('in a terminal', terminalPrograms, () => {
    const ENTERS = '\x1b[?1049h';
    const LEAVES = '\x1b[?1049l';
    const frames = (terminal: Terminal) => terminal.output().split('\x1b[H').length - 1;

    it.each([
      ['q', 'q'],
      ['Ctrl-C', '\x03'],
    ])('is live until %s is pressed, and leaves the screen as it was', async (_, key) => {
      const terminal = typeInTerminal(['top', '--url', url, '--interval', '100ms'], { env, columns: 40, rows: 10 });
      await expect.poll(() => frames(terminal), { timeout: 15_000 }).toBeGreaterThan(3);
      terminal.type(key);
      expect(await terminal.exited).toBe(0);
      const [before, rest = ''] = terminal.output().split(ENTERS);
      const [shown = '', after] = rest.split(LEAVES);
      expect([before, after?.trim()]).toEqual(['', '']);
      const lines = stripVTControlCharacters(shown.split('\x1b[H').at(-1) ?? '').split(/\r+\n/);
      expect(lines.length).toBeLessThanOrEqual(10);
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
      expect(lines.join('\n')).toContain('pipeline metrics: running');
    });
  });
});
