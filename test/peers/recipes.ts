import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { chmod, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

/** A program of a Go module, at the module's root or in its folder `command`, of which tags may choose parts. */
export function goProgram(
  name: string,
  module: string,
  version: string,
  command = '',
  tags: readonly string[] = [],
): Recipe {
  return {
    name,
    version,
    pins: [module, command, ...tags],
    program: name,
    async build(folder) {
      const parts = tags.length > 0 ? [`-tags=${tags.join()}`] : [];
      await run('go', ['install', ...smaller, ...parts, `${module}${command && `/${command}`}@v${version}`], folder, {
        ...goEnvironment,
        GOBIN: folder,
      });
    },
  };
}

/** A program in the folder `command` of a Go module that cannot be installed by itself, since it replaces modules. */
export function goCommand(name: string, module: string, version: string, command: string): Recipe {
  return {
    name,
    version,
    pins: [module, command, ...withoutDiscovery],
    program: name,
    async build(folder) {
      await writeFile(join(folder, 'go.mod'), `module ${name}\n`);
      await run('go', ['get', `${module}/${command}@v${version}`], folder, goEnvironment);
      const flags = [...smaller, ...withoutDiscovery];
      await run('go', ['build', ...flags, '-o', name, `${module}/${command}`], folder, goEnvironment);
    },
  };
}

/** A program of a Go file of this folder that imports modules, all at one release. */
export function goFile(name: string, version: string, file: string, modules: readonly string[]): Recipe {
  const source = pathOf(file);
  return {
    name,
    version,
    get pins() {
      return [...modules, readFileSync(source, 'utf8')];
    },
    program: name,
    async build(folder) {
      await copyFile(source, join(folder, 'main.go'));
      await writeFile(join(folder, 'go.mod'), `module ${name}\n`);
      await run('go', ['get', ...modules.map((path) => `${path}@v${version}`)], folder, goEnvironment);
      await run('go', ['build', ...smaller, '-o', name, '.'], folder, goEnvironment);
    },
  };
}

/** A program of a Java file of this folder that needs Maven artifacts, each as `group:artifact`, all at one release. */
export function javaFile(name: string, version: string, file: string, artifacts: readonly string[]): Recipe {
  const source = pathOf(file);
  return {
    name,
    version,
    get pins() {
      return [...artifacts, ...shortLived, readFileSync(source, 'utf8')];
    },
    program: name,
    async build(folder) {
      await writeFile(join(folder, 'pom.xml'), projectOf(name, version, artifacts));
      await run('mvn', ['--batch-mode', '--quiet', copyDependencies, '-DoutputDirectory=jars'], folder);
      await run('javac', ['-cp', 'jars/*', '-d', 'classes', source], folder);
      const java = ['java', ...shortLived, '-cp', '"$here/classes:$here/jars/*"', file.replace('.java', ''), '"$@"'];
      const program = join(folder, name);
      await writeFile(program, `#!/bin/sh\nhere=$(dirname "$0")\nexec ${java.join(' ')}\n`);
      await chmod(program, 0o755);
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

/** A program of a crate, with the versions of its lock file and no more than the given features. */
export function crateProgram(crate: string, version: string, features: readonly string[]): Recipe {
  return {
    name: crate,
    version,
    pins: features,
    program: `bin/${crate}`,
    async build(folder) {
      const wanted = ['--version', version, '--locked', '--no-default-features', `--features=${features.join()}`];
      await run('cargo', ['install', crate, ...wanted, '--root', folder], folder);
    },
  };
}

/** Binaries that are small, and the same in any folder. */
const smaller = ['-trimpath', '-ldflags=-s -w'];
/** Leaves out Prometheus's discovery of targets in clouds, which takes long to compile. */
const withoutDiscovery = ['-tags=remove_all_sd'];
const goEnvironment = { GOFLAGS: '-mod=mod', CGO_ENABLED: '0' };

/** Starts a JVM that does not prepare for long work. */
const shortLived = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
const copyDependencies = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** Maven's description of a project that does no more than depend on artifacts. */
function projectOf(name: string, version: string, artifacts: readonly string[]): string {
  const dependencies = artifacts.map((artifact) => {
    const [group, id] = artifact.split(':');
    return `<dependency><groupId>${group}</groupId><artifactId>${id}</artifactId><version>${version}</version></dependency>`;
  });
  return `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>peers</groupId><artifactId>${name}</artifactId><version>${version}</version>
  <dependencies>${dependencies.join('')}</dependencies>
</project>`;
}

const pathOf = (file: string) => fileURLToPath(new URL(`./${file}`, import.meta.url));

/** Runs a command to its end; throws where its exit status is not 0. */
async function run(program: string, args: readonly string[], cwd: string, env: Record<string, string> = {}) {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'inherit', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
}
