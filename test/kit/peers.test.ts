import { symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startProcess } from './child-process.ts';
import { describeWithPeers, findProgram, startPrometheus, startVictoriaMetrics } from './peers.ts';
import { temporaryFolder } from './temporary-folder.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const peers = fileURLToPath(new URL('./peers.ts', import.meta.url));

const suite = `import { expect, it } from 'vitest';
import { describeWithPeers } from ${JSON.stringify(peers)};
describeWithPeers('a suite', ['victoria-metrics'], () => { it('runs', () => expect(1).toBe(1)); });
`;

/** Runs vitest on the suite above with nothing but Node on the PATH. */
async function runSuite(env: Record<string, string>): Promise<{ passed: boolean; output: string }> {
  const folder = await temporaryFolder({ 'test/a-suite.test.ts': suite, 'package.json': '{"type":"module"}' });
  await symlink(join(root, 'node_modules'), join(folder.path, 'node_modules'));
  const args = ['run', '--root', folder.path, '--config', join(root, 'vitest.config.ts'), '--reporter=verbose'];
  const without = { WATTLINE_REQUIRE_PEERS: undefined, CI: undefined, PATH: dirname(process.execPath) };
  const child = startProcess(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), ...args], {
    cwd: folder.path,
    env: { ...without, ...env },
  });
  const code = await child.exited;
  await folder.remove();
  return { passed: code === 0, output: child.stdout() + child.stderr() };
}

it('skips a suite whose program is missing, and says why', async () => {
  const { passed, output } = await runSuite({});
  expect(output).toMatch(
    /a suite \[skipped: victoria-metrics is not on the PATH \(Debian package victoria-metrics\)\]/,
  );
  expect(output).toMatch(/1 skipped/);
  expect(passed).toBe(true);
});

it('fails a suite whose program is missing where programs are required', async () => {
  const { passed, output } = await runSuite({ WATTLINE_REQUIRE_PEERS: '1' });
  expect(output).toMatch(/victoria-metrics is not on the PATH/);
  expect(passed).toBe(false);
});

it('finds a program on the given path only', () => {
  expect(findProgram('node', `/nowhere${delimiter}${dirname(process.execPath)}`)).toBe(process.execPath);
  expect(findProgram('node', '/nowhere')).toBeUndefined();
});

describeWithPeers('started peers', ['prometheus', 'victoria-metrics'], () => {
  it('answer until they are stopped', async () => {
    const started = [await startVictoriaMetrics(), await startPrometheus('scrape_configs: []\n')];
    for (const { url } of started) expect((await fetch(`${url}/metrics`)).status).toBe(200);
    for (const peer of started) await peer.stop();
    for (const { url } of started) await expect(fetch(`${url}/metrics`)).rejects.toThrow();
  });

  it('say why they cannot start', async () => {
    await expect(startPrometheus('scrape_configs: wrong\n')).rejects.toThrow(/cannot unmarshal/);
  });
});
