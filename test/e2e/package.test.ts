import { execFile, spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Region } from '../../src/factors/regions.ts';
import { copyProject, projectRoot, shellEnvironment } from '../kit/checkout.ts';
import { freePort } from '../kit/free-port.ts';
import { recordModules } from '../kit/loaded-modules.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const run = promisify(execFile);

describe('the published package', () => {
  it('installs into an empty folder and runs the quickstart once', { timeout: 240_000 }, async () => {
    const copy = await copyProject();
    await copy.lendPackages();
    const folder = await temporaryFolder({ 'package.json': '{"name":"empty","private":true,"type":"module"}' });
    try {
      const packed = await run('npm', ['pack', '--json', '--pack-destination', folder.path], { cwd: copy.path });
      const [{ filename, files }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('['))) as [
        { filename: string; files: { path: string }[] },
      ];
      const paths = files.map(({ path }) => path);
      expect(paths).toContain('dist/src/cli.js');
      expect(paths).toContain('dist/plugins/receivers/file/index.js');
      expect(paths).toContain('dist/plugins/extensions/dashboard/page/index.html');
      expect(paths).toContain('README.md');
      expect(paths).toContain('NOTICE');
      expect(paths.filter((path) => /\.test\.(?!ts\.template)|^src\/|^test\//.test(path))).toEqual([]);
      // The package needs the Node.js that this test runs on: a person has it on the PATH.
      const env = { ...shellEnvironment(), PATH: `${join(process.execPath, '..')}:${shellEnvironment().PATH}` };
      const options = { cwd: folder.path, env };
      await run('npm', ['install', '--no-audit', '--no-fund', join(folder.path, filename)], options);
      const config = 'node_modules/wattline/config/once.yaml';
      const once = await run('npx', ['wattline', 'run', '--once', '--config', config], options);
      expect(once.stdout).toContain('6 streams @ 2500k');
      expect(once.stdout).toContain('total of 7 runs');
      const command = ['node_modules/wattline/dist/src/cli.js', 'run', '--once', '--config', config];
      const loaded = await recordModules((option) => run('node', [option, ...command], options));
      expect(loaded.files.length).toBeLessThan(44);
      const seldom = /^(https?|tls|crypto|sqlite|internal\/deps\/undici\/undici)$/;
      expect(loaded.builtins.filter((name) => seldom.test(name))).toEqual([]);
      // What has been compiled is kept, and nobody notices where it cannot be.
      const cache = 'node_modules/wattline/dist/node_modules';
      const told = { ...options, env: { ...env, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' } };
      expect((await run('node', command, told)).stderr).toMatch(
        /\/dist\/node_modules\/\.cache\/.*\/dist\/src\/core\.js.* success/,
      );
      await rm(join(folder.path, cache), { recursive: true });
      await folder.write({ [cache]: '' });
      const uncached = await run('node', command, options);
      expect(uncached.stdout).toBe(once.stdout);
      expect(uncached.stderr.split('\n').length).toBe(once.stderr.split('\n').length);
      const regions = await run('npx', ['wattline', 'regions', '--json'], options);
      const parisian = (JSON.parse(regions.stdout) as Region[]).find(({ name }) => name === 'eu-west-3');
      expect(parisian?.intensity?.value).toBe(0.031);
      const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8'));
      expect((await run('npx', ['wattline', '--version'], options)).stdout.trim()).toBe(version);
      await folder.write({
        'wattline.yaml': await readFile(join(projectRoot, 'config/custom-processor/custom-processor.yaml'), 'utf8'),
        'carbon-price.ts': await readFile(join(projectRoot, 'config/custom-processor/carbon-price.ts'), 'utf8'),
      });
      const valid = await run('npx', ['wattline', 'validate', '--config', 'wattline.yaml'], options);
      expect(valid.stdout).toContain('wattline.yaml: valid');
      await run('npx', ['wattline', 'init', '--output', 'first.yaml'], options);
      await run('npx', ['wattline', 'validate', '--config', 'first.yaml'], options);
      for (const [kind, name, tests] of [
        ['processor', 'my-thing', 3],
        ['receiver', 'my_meter', 4],
        ['exporter', 'my-file', 3],
      ] as const) {
        await run('npx', ['wattline', 'new', kind, name], options);
        const file = `${name.replace('_', '-')}/index.test.ts`;
        const { stdout: tested } = await run('node', ['--test', '--test-reporter=tap', file], options);
        expect(tested).toMatch(new RegExp(`^# pass ${tests}$`, 'm'));
        expect(tested).toMatch(/^# fail 0$/m);
      }
      await expect(run('npx', ['wattline', 'new', 'processor', 'my-thing'], options)).rejects.toThrow('[CANNOT_WRITE]');
      await run('npx', ['wattline', 'run', '--once', '--config', 'my-file/example/wattline.yaml'], options);
      expect(await readFile(join(folder.path, 'my-file/example/runs.jsonl'), 'utf8')).toContain('"energy_joules":1035');
      await folder.write({
        'print.yaml':
          'exporters: { debug: { summary: false } }\nservice: { pipelines: { metrics: { exporters: [debug] } } }',
      });
      const received = ['--config', 'my-meter/example/wattline.yaml', '--config', 'print.yaml'];
      const metered = await run('npx', ['wattline', 'run', '--once', ...received], options);
      expect(metered.stdout).toContain('nightly transcoding');
      // The fourth command from nothing, and the fifth.
      const port = await freePort();
      await folder.write({ 'port.yaml': `exporters: { prometheus: { endpoint: '127.0.0.1:${port}' } }` });
      const configs = ['--config', 'my-thing/example/wattline.yaml', '--config', 'port.yaml'];
      const serving = spawn('node_modules/.bin/wattline', ['run', ...configs], options);
      await expect
        .poll(
          () =>
            fetch(`http://127.0.0.1:${port}/metrics`).then(
              (response) => response.text(),
              () => '',
            ),
          { timeout: 20_000 },
        )
        .toMatch(/^my_thing_peak_watts\{.*scenario="2 streams @ 2500k".*\} 61$/m)
        .finally(() => serving.kill());
    } finally {
      await folder.remove();
      await copy.remove();
    }
  });
});
