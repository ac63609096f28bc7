import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { type RunningProcess, startProcess } from '../kit/child-process.ts';
import { findProgram } from '../kit/peers.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { freePort, runWattline, warningsIn } from '../kit/wattline-process.ts';
import { labelsOf, lastOf, readDockerfile, type Stage } from './dockerfile.ts';
import { buildImageTree, execForm, type ImageTree } from './image-tree.ts';
import { runProgram } from './programs.ts';

const file = join(projectRoot, 'deploy/docker/Dockerfile');
const readJson = async (path: string) => JSON.parse(await readFile(join(projectRoot, path), 'utf8'));
type Locked = Record<string, { version: string; dev?: boolean; optional?: boolean }>;

describe('the Dockerfile', () => {
  it('rests on exactly the Node.js that the tests ran on', async () => {
    const { stages } = await readDockerfile(file);
    const { version } = ((await readJson('package-lock.json')).packages as Locked)['node_modules/node'] ?? {};
    for (const { from } of stages) expect(from).toBe(`docker.io/library/node:${version}-slim`);
  });

  it('says what the image is', async () => {
    const { version, license, description } = await readJson('package.json');
    const labels = labelsOf((await readDockerfile(file)).stages.at(-1) as Stage);
    expect(labels).toMatchObject({
      'org.opencontainers.image.title': 'wattline',
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': license,
      'org.opencontainers.image.description': description,
    });
  });

  it('runs Node.js itself, as a user by number who is not root', async () => {
    const stage = (await readDockerfile(file)).stages.at(-1) as Stage;
    expect(lastOf(stage, 'USER')).toMatch(/^[1-9]\d+:[1-9]\d+$/);
    expect(execForm(stage, 'ENTRYPOINT')[0]).toBe('node');
    expect(execForm(stage, 'CMD')).toEqual(['run', '--config', '/etc/wattline/wattline.yaml']);
    expect(lastOf(stage, 'HEALTHCHECK')).toMatch(/CMD \["node", "-e", /);
  });

  it('brings a valid configuration', async () => {
    const { code, stderr } = await runWattline(['validate', '--config', 'deploy/docker/wattline.yaml'], {
      cwd: projectRoot,
    });
    expect({ code, warnings: warningsIn(stderr) }).toEqual({ code: 0, warnings: [] });
  });
});

describe('what the steps of the Dockerfile leave', () => {
  let folder: TemporaryFolder;
  let image: ImageTree;

  beforeAll(async () => {
    folder = await temporaryFolder();
    image = await buildImageTree(file, projectRoot, folder.path);
  }, 240_000);
  afterAll(() => folder.remove());
  const state = () => join(image.root, lastOf(image.stage, 'VOLUME'));

  it('has every dependency and no development dependency, no test and no source', async () => {
    const { packages } = (await readJson('package-lock.json')) as { packages: Locked };
    const paths = Object.keys(packages).filter((path) => path !== '');
    const has = (path: string) => existsSync(join(image.root, 'app', path, 'package.json'));
    const needed = paths.filter((path) => !packages[path]?.dev && !packages[path]?.optional);
    expect(needed.length).toBeGreaterThan(10);
    expect(needed.filter((path) => !has(path))).toEqual([]);
    expect(paths.filter((path) => packages[path]?.dev && has(path))).toEqual([]);
    const own = await filesBelow(join(image.root, 'app'), '{*,dist/**,config/**}');
    expect(own).toContain('dist/src/cli.js');
    expect(own.filter((path) => /\.test\.(?!ts\.template)|^(src|test|plugins)\b/.test(path))).toEqual([]);
  });

  it('runs with its counters alone to write, answers the health check, and stops in order at SIGTERM', async () => {
    const [metricsPort, httpPort] = [await freePort(), await freePort()];
    const own = join(image.root, 'etc/wattline/ports.yaml');
    await folder.write({
      [relative(folder.path, own)]: `
receivers:
  file: { include: ['${join(image.root, 'app/config/quickstart/test_results_*.json')}'] }
  http: { endpoint: 127.0.0.1:${httpPort} }
exporters: { prometheus: { endpoint: 127.0.0.1:${metricsPort} } }
extensions:
  dashboard: { endpoint: 127.0.0.1:${metricsPort} }
  file_storage: { directory: '${state()}' }
`,
    });
    const env = { WATTLINE_HEALTH_URL: `http://127.0.0.1:${metricsPort}/health`, NODE_ENV: 'production' };
    const checkHealth = async () => {
      const [program, ...args] = image.command(execForm(image.stage, 'HEALTHCHECK'));
      return (await runProgram(program as string, args, { env })).code;
    };
    const words = [...execForm(image.stage, 'ENTRYPOINT'), ...execForm(image.stage, 'CMD')];
    const wattline = asUserOfImage(image, [...image.command(words), '--config', own], env);
    await wattline.waitFor(`http://127.0.0.1:${metricsPort}/health`);
    expect(await checkHealth()).toBe(0);
    await expect.poll(() => metricsAt(metricsPort)).toMatch(/^cost_total_load_aware\{.*\} 0\.0/m);
    expect(await wattline.stop('SIGTERM')).toBe(0);
    expect(await checkHealth()).toBe(1);
    expect(await filesBelow(state(), '*')).toEqual(['state_live.db', 'state_receiver_file.db']);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'is nothing that its user can write to but its volume (as root only)',
    async () => {
      const others = ['-not', '-type', 'l', '-not', '-path', `${state()}*`];
      const probe = asUserOfImage(image, ['/usr/bin/find', image.root, '-writable', ...others]);
      expect(await probe.exited).toBe(0);
      expect(probe.stdout()).toBe('');
    },
  );
});

async function filesBelow(cwd: string, pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const path of glob(pattern, { cwd })) found.push(path);
  return found;
}

async function metricsAt(port: number): Promise<string> {
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

/** Starts a command as the user of the image without capabilities where this process is root, and as itself elsewhere. */
function asUserOfImage(image: ImageTree, command: readonly string[], env = {}): RunningProcess {
  const options = { cwd: image.root, env };
  const setpriv = findProgram('setpriv');
  if (process.getuid?.() !== 0 || !setpriv) return startProcess(command[0] as string, command.slice(1), options);
  const [user, group] = lastOf(image.stage, 'USER').split(':');
  const drop = [`--reuid=${user}`, `--regid=${group}`, '--clear-groups', '--no-new-privs', '--bounding-set=-all'];
  return startProcess(setpriv, [...drop, ...command], options);
}
