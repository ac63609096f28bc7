import { ConfigurationError, FlawError, formatPlace, type Problem } from '../errors.ts';
import { Loader } from '../loader.ts';
import { Secrets } from '../model/secrets.ts';
import { checkComponents } from './check-components.ts';
import { checkConnectors } from './check-connectors.ts';
import { checkEndpoints } from './check-endpoints.ts';
import { checkPipelines } from './check-pipelines.ts';
import { checkReferences } from './check-references.ts';
import { checkService } from './check-service.ts';
import { checkStreams, streamRemedy } from './check-streams.ts';
import type { LoadedConfiguration } from './configuration.ts';
import { expand } from './expand.ts';
import type { Sources } from './expression.ts';
import { findSecrets } from './find-secrets.ts';
import { directoryOf, isNothing, type LocatedMap, scalarsIn, toPlain, valueAt } from './located.ts';
import { merge } from './merge.ts';
import { suggest } from './nearest.ts';
import { CONTENTS, nameOfSource, readSetOption, readTree } from './read-tree.ts';

const TOP_LEVEL = ['receivers', 'processors', 'exporters', 'providers', 'extensions', 'plugins', 'service'];

/** The configuration that a command works on. */
export interface ConfigurationSource {
  /** Files and other sources, merged from left to right. */
  readonly config: readonly string[];
  /** Values such as `exporters.debug.summary=true`, merged after all files. */
  readonly set?: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Gets to know the secrets of the configuration. */
  readonly secrets?: Secrets | undefined;
}

/** What loading a configuration needs besides its files. */
export interface LoadOptions extends Omit<ConfigurationSource, 'config'>, Sources {
  /** Finds the plugins; a new one knows the bundled plugins. */
  readonly loader?: Loader;
}

/**
 * Reads configuration files, merges them from left to right, and checks the result. Throws `ConfigurationError` with
 * every problem found. Neither problems nor warnings contain a secret.
 */
export async function loadConfiguration(files: readonly string[], options: LoadOptions): Promise<LoadedConfiguration> {
  const { secrets = new Secrets() } = options;
  const warnings: string[] = [];
  try {
    const loaded = await load(files, { ...options, secrets }, warnings);
    return { ...loaded, warnings: secrets.redactIn(warnings) };
  } catch (error) {
    throw error instanceof ConfigurationError ? withoutSecrets(error, secrets) : error;
  }
}

/** Returns the same problems and warnings without secrets. */
export function withoutSecrets(error: ConfigurationError, secrets: Secrets): ConfigurationError {
  const problems = error.problems.map(({ message, remedy, ...rest }) => {
    return { ...rest, ...secrets.redactIn({ message, remedy }) };
  });
  return new ConfigurationError(problems, secrets.redactIn(error.warnings), error.more);
}

async function load(
  files: readonly string[],
  options: LoadOptions & { readonly secrets: Secrets },
  warnings: string[],
): Promise<LoadedConfiguration> {
  const { environment, loader = new Loader(), set = [], onRead, secrets } = options;
  const problems: Problem[] = [];
  const trees = await Promise.all(files.map((file) => readTree(file, environment, problems, onRead)));
  trees.push(...set.map((text) => readSetOption(text, problems)));
  if (problems.length) throw new ConfigurationError(problems);
  const present = trees.filter((tree) => tree !== undefined);
  if (present.length === 0) {
    const at = { file: nameOfSource(files[0] ?? ''), line: 1, column: 1 };
    const message = 'the configuration is empty';
    throw new ConfigurationError([{ code: 'CONFIG_EMPTY', at, path: '', message, remedy: CONTENTS }]);
  }
  const merged = present.reduce((below, over) => merge(below, over, warnings));
  const root = expand(merged, { ...options, problems, warnings });
  const consequences: Problem[] = [];
  checkTopLevel(root, consequences);
  checkConnectors(root, consequences);
  await bringPlugins(root, loader, consequences);
  await findSecrets(root, loader, secrets);
  const components = await checkComponents(root, loader, consequences, warnings);
  const service = checkService(root, consequences, warnings);
  checkReferences(root, components, consequences);
  checkEndpoints(root, { components, ...service }, consequences);
  await checkPipelines(root, service.pipelines, components, { loader, problems: consequences });
  await checkStreams(root, service.pipelines, components, { loader, problems: consequences });
  // Problems with unresolved values are reported already.
  const unresolved = new Set(
    scalarsIn(root).flatMap(([, { at, isUnresolved }]) => (isUnresolved ? [formatPlace(at)] : [])),
  );
  for (const one of consequences) if (!one.at || !unresolved.has(formatPlace(one.at))) problems.push(one);
  const said = new Set(problems.flatMap(({ at, path }) => (at ? [`${formatPlace(at)} ${path}`] : [])));
  // The absence of a variable may be reported as a problem already.
  const unsaid = warnings.filter((warning) => !said.has(warning.split(': environment variable', 1)[0] as string));
  if (problems.length) throw new ConfigurationError(problems, unsaid);
  return { root, components, ...service, warnings, streamRemedy: () => streamRemedy(loader) };
}

function checkTopLevel(root: LocatedMap, problems: Problem[]): void {
  for (const [key, { at }] of root.entries) {
    if (TOP_LEVEL.includes(key) || key === 'connectors') continue;
    const remedy = suggest(key, TOP_LEVEL, 'known keys');
    problems.push({ code: 'CONFIG_UNKNOWN_KEY', at, path: key, message: 'unknown key', remedy });
  }
}

async function bringPlugins(root: LocatedMap, loader: Loader, problems: Problem[]): Promise<void> {
  const list = valueAt(root, ['plugins']);
  if (!list || isNothing(list)) return;
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
      await loader.bring(specifier, directoryOf(at));
    } catch (error) {
      if (!(error instanceof FlawError)) throw error;
      const message = `\`${specifier}\` cannot be loaded: ${error.message}`;
      problems.push({ code: 'PLUGIN_LOAD_FAILED', at, path, message, remedy: error.remedy });
    }
  }
}
