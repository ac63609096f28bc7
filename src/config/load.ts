import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { ConfigurationError, messageOf, type Problem } from '../errors.ts';
import type { Loader } from '../loader.ts';
import { checkComponents } from './check-components.ts';
import { checkService } from './check-service.ts';
import type { Configuration } from './configuration.ts';
import { expand } from './expand.ts';
import { type Located, type LocatedMap, parseLocated, toPlain, valueAt } from './located.ts';
import { merge } from './merge.ts';
import { suggest } from './nearest.ts';

const TOP_LEVEL = ['receivers', 'processors', 'exporters', 'extensions', 'plugins', 'service'];

/** What loading a configuration needs beside its files. */
export interface LoadOptions {
  readonly loader: Loader;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads configuration files, merges them from left to right, and checks the result. Throws `ConfigurationError` with
 * every problem found.
 */
export async function loadConfiguration(files: readonly string[], options: LoadOptions): Promise<Configuration> {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const trees = await Promise.all(files.map((file) => readTree(file, problems)));
  const merged = trees.reduce<Located | undefined>((base, tree) => (tree ? merge(base, tree) : base), undefined);
  if (problems.length) throw new ConfigurationError(problems);
  const { environment } = options;
  const root = merged && expand(merged, { environment, problems, warnings });
  if (root?.kind !== 'map') {
    const message = merged ? 'a configuration must be a map' : 'the configuration is empty';
    const remedy = 'write receivers, exporters and service.pipelines';
    const at = merged?.at ?? { file: files[0] ?? '', line: 1, column: 1 };
    throw new ConfigurationError([...problems, { code: 'CONFIG_EMPTY', at, path: '', message, remedy }]);
  }
  checkTopLevel(root, problems);
  await bringPlugins(root, options.loader, problems);
  const checked = await checkComponents(root, options.loader, problems);
  const service = checkService(root, checked.ids, problems);
  if (problems.length) throw new ConfigurationError(problems.sort(byPlace));
  return { components: checked.components, ...service, warnings };
}

async function readTree(file: string, problems: Problem[]): Promise<Located | undefined> {
  const shown = relative('.', file) || file;
  const name = shown.startsWith('..') ? resolve(file) : shown;
  try {
    return parseLocated(await readFile(file, 'utf8'), name, problems);
  } catch (error) {
    const remedy = 'give the path of a YAML file that can be read';
    const at = { file: name, line: 1, column: 1 };
    problems.push({ code: 'CONFIG_UNREADABLE', at, path: '', message: messageOf(error), remedy });
    return undefined;
  }
}

function checkTopLevel(root: LocatedMap, problems: Problem[]): void {
  for (const [key, { at }] of root.entries) {
    if (TOP_LEVEL.includes(key)) continue;
    const remedy = suggest(key, TOP_LEVEL, 'keys');
    problems.push({ code: 'CONFIG_UNKNOWN_KEY', at, path: key, message: 'unknown key', remedy });
  }
}

async function bringPlugins(root: LocatedMap, loader: Loader, problems: Problem[]): Promise<void> {
  const list = valueAt(root, ['plugins']);
  if (!list || (list.kind === 'scalar' && list.value === null)) return;
  const remedy = 'list paths such as ./my-processor.ts, or names of installed npm packages';
  if (list.kind !== 'list') {
    problems.push({ code: 'CONFIG_INVALID_VALUE', at: list.at, path: 'plugins', message: 'not a list', remedy });
    return;
  }
  for (const [index, item] of list.items.entries()) {
    const { at } = item;
    const path = `plugins[${index}]`;
    const specifier = toPlain(item);
    if (typeof specifier !== 'string') {
      problems.push({ code: 'CONFIG_INVALID_VALUE', at, path, message: 'not a path or a name', remedy });
      continue;
    }
    try {
      await loader.bring(specifier, dirname(resolve(at.file)));
    } catch (error) {
      const message = `\`${specifier}\` cannot be loaded: ${messageOf(error).split('\n')[0]}`;
      problems.push({ code: 'PLUGIN_LOAD_FAILED', at, path, message, remedy });
    }
  }
}

function byPlace(a: Problem, b: Problem): number {
  if (!a.at || !b.at) return Number(!a.at) - Number(!b.at);
  return a.at.file.localeCompare(b.at.file) || a.at.line - b.at.line || a.at.column - b.at.column;
}
