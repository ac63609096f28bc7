import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { glob } from 'tinyglobby';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { errorCodes } from '../../src/errors.ts';
import { copyProject, projectRoot, shellEnvironment } from '../kit/checkout.ts';
import { parseExposition, seriesValue } from '../kit/exposition.ts';

const readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language, text = '']) => ({ language, text }));
/** What a reader would type: the blocks without a language, but for the drawing. */
const commands = blocks
  .filter(({ language, text }) => language === '' && !text.includes('►'))
  .flatMap(({ text }) => text.trim().split('\n'));

describe('README', () => {
  let copy: Awaited<ReturnType<typeof copyProject>>;
  const tested = new Set<string>();
  const running = new Set<() => void>();

  /** Runs a command of the README in the fresh copy; it is in a process group of its own, as in a terminal. */
  function type(command: string) {
    if (!commands.includes(command)) throw new Error(`the README has no command \`${command}\``);
    tested.add(command);
    const options = { cwd: copy.path, env: shellEnvironment(), detached: true } as const;
    const child = spawn('sh', ['-c', command], options);
    let output = '';
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const signal = (name: NodeJS.Signals) => process.kill(-(child.pid as number), name);
    const kill = () => signal('SIGKILL');
    running.add(kill);
    const ended = once(child, 'close').then(([code]) => {
      running.delete(kill);
      return { code: code as number, output, stdout };
    });
    return { ended, output: () => output, pressCtrlC: () => signal('SIGINT') };
  }

  /** What a `curl` command of the README prints; a machine without curl asks in its place. */
  async function answerTo(command: string): Promise<string> {
    if (spawnSync('curl', ['--version']).status === 0) return (await type(command).ended).stdout;
    tested.add(command);
    return (await fetch(command.replace('curl ', 'http://'))).text();
  }

  beforeAll(async () => {
    copy = await copyProject();
  });

  afterEach(() => {
    for (const kill of running) kill();
  });

  afterAll(async () => {
    await copy.remove();
  });

  it('starts with two commands on a machine with Node.js and npm', { timeout: 180_000 }, async () => {
    const start = type('npm ci && npm start');
    await expect.poll(start.output, { timeout: 150_000 }).toMatch(/read \d+ runs/);
    expect(start.output()).toContain('metrics at http://localhost:9514/metrics');
    const metrics = await answerTo('curl localhost:9514/metrics');
    const samples = parseExposition(metrics);
    expect(seriesValue(samples, 'cost_exporter_alive')).toBe(1);
    // 1.39 W idle for 20 s, as the bundled results have it, at 0.45 kg/kWh.
    const idle = seriesValue(samples, 'co2_emissions_kg', { scenario: 'Baseline (idle)' });
    expect(idle).toBeCloseTo(((1.39 * 20) / 3.6e6) * 0.45, 7);
    expect(seriesValue(samples, 'co2_emissions_kg', { power: 'predicted' })).toBeGreaterThan(0);
    expect(await answerTo('curl localhost:9514/health')).toContain('OK');
    const page = await fetch('http://localhost:9514/');
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await page.text()).toContain('<title>Wattline');
    const before = Date.now();
    start.pressCtrlC();
    await start.ended;
    expect(Date.now() - before).toBeLessThan(5000);
    await expect(fetch('http://localhost:9514/health')).rejects.toThrow();
  });

  it('shows commands that work', { timeout: 300_000 }, async () => {
    for (const command of commands.filter((text) => text.startsWith('npm run --silent wattline'))) {
      const child = type(command);
      if (command.includes('run --config')) {
        const scrape = () => fetch('http://localhost:9514/metrics').then((response) => response.text());
        await expect.poll(() => scrape().catch(() => ''), { timeout: 60_000 }).toContain('co2_price_usd{');
        child.pressCtrlC();
        await child.ended;
      } else {
        const { code, output } = await child.ended;
        expect(code, `${command}\n${output}`).toBe(0);
      }
    }
  });

  it('has no command that no test runs', async () => {
    // The test command is what runs this test.
    tested.add('npm ci && npm test');
    expect(commands.filter((command) => !tested.has(command))).toEqual([]);
    const ci = await readFile(join(projectRoot, '.ci/run'), 'utf8');
    expect(ci).toMatch(/^npm ci$/m);
    expect(ci).toMatch(/^npm test\b/m);
  });

  it('shows the example processor and the difference between environments as they are', async () => {
    const read = (name: string) => readFile(join(projectRoot, 'config', name), 'utf8');
    expect(blocks.find(({ language }) => language === 'ts')?.text).toBe(await read('custom-processor/carbon-price.ts'));
    const [development, staging] = await Promise.all([read('development.yaml'), read('staging.yaml')]);
    const lines = staging.split('\n');
    const changed = development
      .split('\n')
      .flatMap((line, index) => (line === lines[index] ? [] : [[line, lines[index]]]));
    expect(changed).toHaveLength(1);
    expect(blocks.find(({ language }) => language === 'diff')?.text).toBe(`-${changed[0]?.[0]}\n+${changed[0]?.[1]}\n`);
  });

  it('links to files that exist, as the READMEs of all folders do', async () => {
    const pages = await glob('{.,plugins,deploy,dashboards,test}/**/README.md', {
      cwd: projectRoot,
      ignore: '**/node_modules',
    });
    expect(pages.length).toBeGreaterThan(12);
    for (const page of pages) {
      const text = await readFile(join(projectRoot, page), 'utf8');
      for (const [, target = ''] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
        const file = join(projectRoot, page, '..', target);
        expect(existsSync(file), `${page} links to ${target}`).toBe(true);
      }
    }
  });

  it('lists every error code with its meaning', () => {
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (.*) \|$/gm)].map(([, code, meaning]) => [code, meaning]);
    expect(Object.fromEntries(rows)).toEqual(errorCodes);
  });
});
