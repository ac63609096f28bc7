import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';

/** From top to bottom: each may import what stands below it, and its own folder. */
const layers = [
  'cli.ts',
  'main.ts',
  'commands',
  'terminal',
  'config-tests',
  'service',
  'pipeline',
  'config',
  'loader.ts',
  'measure',
  'advice',
  'provider',
  'receiving',
  'http',
  'prometheus',
  'otlp',
  'results',
  'prediction',
  'figures',
  'factors',
  'plugin',
  'model',
  'errors.ts',
  'abort.ts',
  'count.ts',
  'pace.ts',
  'text-file.ts',
  'package.ts',
];

const root = fileURLToPath(new URL('../../', import.meta.url));
const files = globSync(['src/**/*.ts', 'plugins/**/*.ts'], { cwd: root, ignore: '**/*.{test,d}.ts' }).sort();
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
  dependencies: Record<string, string>;
  exports: Record<string, unknown>;
};

const IMPORT = /(?:^|[^.\w])(?:from|import)\s*\(?\s*(['"])([@.\w][^'"\s]*)\1/g;

/** What a text imports, type imports and dynamic ones included. */
function importsOf(text: string): string[] {
  const code = text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  return [...code.matchAll(IMPORT)].map(([, , specifier]) => specifier as string);
}

const imports = new Map(files.map((file) => [file, importsOf(readFileSync(root + file, 'utf8'))]));

/** The project's own files that a file imports. */
function targetsOf(file: string): string[] {
  const relative = (imports.get(file) ?? []).filter((specifier) => specifier.startsWith('.'));
  return relative.map((specifier) => posix.join(posix.dirname(file), specifier));
}

/** The imports that break a rule, as `file imports specifier`. */
function breaches(under: string, isAllowed: (file: string, specifier: string) => boolean): string[] {
  return [...imports]
    .filter(([file]) => file.startsWith(under))
    .flatMap(([file, specifiers]) =>
      specifiers.filter((specifier) => !isAllowed(file, specifier)).map((specifier) => `${file} imports ${specifier}`),
    );
}

const API: ReadonlySet<string> = new Set(Object.keys(manifest.exports).map((entry) => entry.replace('.', 'wattline')));
const isData = (file: string) => file.endsWith('.json');
const isRelative = (specifier: string) => specifier.startsWith('.');
const resolved = (file: string, specifier: string) => posix.join(posix.dirname(file), specifier);
const layerOf = (file: string) => layers.indexOf(file.split('/')[1] as string);
const packageOf = (specifier: string) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] as string;
const isInstalled = (specifier: string) =>
  specifier.startsWith('node:') || packageOf(specifier) in manifest.dependencies;

/** The first ring of files found that import each other, or nothing. */
function findCycle(): string[] {
  const done = new Set<string>();
  const walk = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const target of targetsOf(file)) {
      const cycle = walk(target, [...path, file]);
      if (cycle) return cycle;
    }
    done.add(file);
    return undefined;
  };
  return files.map((file) => walk(file, [])).find((cycle) => cycle !== undefined) ?? [];
}

describe('imports', () => {
  it('are found in every way that they are written', () => {
    const text = `import a, { b } from 'a';
import type { C } from "./c.ts";
import './d.ts';
export * from './e.ts';
export { f } from './f.ts';
import {
  g,
} from 'g';
// import h from 'h';
const i = await import('i');
type J = import('./j.ts').J;
const k = { from: 'k' }, l = Array.from('l');
/** import m from 'm' */
`;
    expect(importsOf(text)).toEqual(['a', './c.ts', './d.ts', './e.ts', './f.ts', 'g', 'i', './j.ts']);
    expect(files.length).toBeGreaterThan(50);
    expect([...imports.values()].flat().length).toBeGreaterThan(200);
  });

  it('lead to files that are there', () => {
    const missing = breaches('', (file, specifier) => {
      const target = resolved(file, specifier);
      return !isRelative(specifier) || files.includes(target) || isData(target);
    });
    expect(missing).toEqual([]);
  });

  it('of the core only go down, and never to a plugin', () => {
    const up = breaches('src/', (file, specifier) => {
      if (!isRelative(specifier)) return isInstalled(specifier);
      const [own, other] = [layerOf(file), layerOf(resolved(file, specifier))];
      return resolved(file, specifier).startsWith('src/') && own >= 0 && other >= own;
    });
    expect(up).toEqual([]);
  });

  it('of a plugin are the public entries, its own files, and packages that Wattline depends on', () => {
    const foreign = breaches('plugins/', (file, specifier) => {
      const folder = file.split('/').slice(0, 3).join('/');
      if (isRelative(specifier)) return resolved(file, specifier).startsWith(`${folder}/`);
      return API.has(specifier) || isInstalled(specifier);
    });
    expect(foreign).toEqual([]);
  });

  it('have the order that src/README.md shows', () => {
    const readme = readFileSync(`${root}src/README.md`, 'utf8');
    const rows = [...readme.matchAll(/^\| (`[a-z`/. -]+) \|/gm)].flatMap(([, row]) => [
      ...(row as string).matchAll(/`([^`]+)`/g),
    ]);
    const shown = rows.map(([, name]) => (name as string).replace(/\/$/, ''));
    expect(shown.filter((name) => name !== 'scaffold')).toEqual(
      layers.filter(
        (name) => !['errors.ts', 'abort.ts', 'count.ts', 'pace.ts', 'text-file.ts', 'package.ts'].includes(name),
      ),
    );
  });

  it('form no ring', () => {
    expect(findCycle()).toEqual([]);
  });
});
