import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Recipe } from './cache.ts';

/** Components of a Collector by kind, each a Go module. */
export type CollectorModules = Readonly<Record<'receivers' | 'processors' | 'exporters', readonly string[]>>;

/** An OpenTelemetry Collector of the given modules, all at one release, made with its builder. */
export function collector(version: string, modules: CollectorModules): Recipe {
  const kinds = Object.entries(modules).map(([kind, paths]) => [
    kind,
    paths.map((path) => ({ gomod: `${path} v${version}` })),
  ]);
  return {
    name: 'collector',
    version,
    pins: [...Object.values(modules).flat(), ...withoutDiscovery],
    program: 'collector',
    async build(folder) {
      const source = join(folder, 'source');
      const dist = { name: 'collector', output_path: source, version };
      const manifest = join(folder, 'manifest.yaml');
      await writeFile(manifest, stringify({ dist, ...Object.fromEntries(kinds) }));
      const builder = `go.opentelemetry.io/collector/cmd/builder@v${version}`;
      await run('go', ['run', builder, '--config', manifest, '--skip-compilation'], folder, goEnvironment);
      const program = join(folder, 'collector');
      await run('go', ['build', ...smaller, ...withoutDiscovery, '-o', program, '.'], source, goEnvironment);
    },
  };
}

/** A program of a Go module, at the module's root or in its folder `command`. */
export function goProgram(name: string, module: string, version: string, command = ''): Recipe {
  return {
    name,
    version,
    pins: [module, command],
    program: name,
    async build(folder) {
      await run('go', ['install', ...smaller, `${module}${command && `/${command}`}@v${version}`], folder, {
        ...goEnvironment,
        GOBIN: folder,
      });
    },
  };
}

/** A Python with packages, each as `name==version`; the program is its interpreter. */
export function python(name: string, version: string, packages: readonly string[]): Recipe {
  return {
    name,
    version,
    pins: packages,
    program: 'bin/python',
    async build(folder) {
      await run('python3', ['-m', 'venv', folder], folder);
      const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
      await run(join(folder, 'bin/python'), [...pip, ...packages], folder);
    },
  };
}

/** Binaries that are small, and the same in any folder. */
const smaller = ['-trimpath', '-ldflags=-s -w'];
/** Leaves out the receiver `prometheus`'s discovery of targets in clouds, which takes long to compile. */
const withoutDiscovery = ['-tags=remove_all_sd'];
const goEnvironment = { GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };

/** Runs a command to its end; throws where its exit status is not 0. */
async function run(program: string, args: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
}
