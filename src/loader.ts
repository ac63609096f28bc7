import { readdir, readFile, stat } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { extname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FlawError, messageOf } from './errors.ts';
import type { AnyPlugin } from './plugin/contract.ts';
import { CONTRACT } from './plugin/contract.ts';
import { type Kind, kinds } from './plugin/kind.ts';

const PLUGINS = new URL('../plugins/', import.meta.url);
/** `.ts` in the checkout, `.js` in the published package. */
const EXTENSION = extname(import.meta.url);
/** The entries of the package that plugins import, by their folders. */
const ENTRIES = [
  'plugin',
  'figures',
  'results',
  'otlp',
  'prometheus',
  'http',
  'receiving',
  'provider',
  'prediction',
] as const;
const TYPE = /^[a-z][a-z0-9_]*$/;

const EXPORT_ONE = 'write `export default definePlugin({…})`, or a list of plugins in its place';
/** The remedy for version 1 of the contract, which had no field for its version. */
const MOVE_ON = `state \`contract: ${CONTRACT}\` and take lists of runs, as README.md shows under "Write your own processor"`;

/** The prefix that passes a package name to the hook below, with the folder to resolve it from. */
const FROM = 'wattline-from:';

/** Finds plugins: first those listed in a configuration, then those in the folder `plugins/<kind>s/<type>/`. */
export class Loader {
  /** Node's hooks apply to the whole process: one is enough for all loaders. */
  static #hooked = false;
  readonly #brought = new Map<string, AnyPlugin>();

  constructor() {
    // In the published package, bundled plugins are linked to the plugin interface already.
    if (EXTENSION === '.ts') Loader.#hook();
  }

  static #hook(): void {
    if (!Loader.#hooked) resolvePluginApi();
    Loader.#hooked = true;
  }

  /** Returns the plugin of a kind and type, which may be an alias, or undefined where there is none. */
  async find(kind: Kind, type: string): Promise<AnyPlugin | undefined> {
    const brought = this.#brought.get(`${kind} ${type}`);
    if (brought) return brought;
    if (!(await this.types(kind)).includes(type)) return this.#findByAlias(kind, type);
    const module = await import(new URL(`index${EXTENSION}`, folderOf(kind, type)).href);
    return module.default;
  }

  /** Looks at all plugins of a kind; one that cannot be loaded is reported where its own type is named. */
  async #findByAlias(kind: Kind, alias: string): Promise<AnyPlugin | undefined> {
    for (const type of await this.types(kind)) {
      const plugin = await this.find(kind, type).catch(() => undefined);
      if (plugin?.aliases?.includes(alias)) return plugin;
    }
    return undefined;
  }

  /** Returns the commented sample section of a bundled plugin; undefined where there is no such plugin. */
  async sample(kind: Kind, type: string): Promise<string | undefined> {
    return readFile(new URL('sample.yaml', folderOf(kind, type)), 'utf8').catch(() => undefined);
  }

  /** Returns all plugins of a kind, in the order of their types. */
  async plugins(kind: Kind): Promise<AnyPlugin[]> {
    const found = await Promise.all((await this.types(kind)).map((type) => this.find(kind, type)));
    return found.filter((plugin) => plugin !== undefined);
  }

  /** Returns all types of a kind that `find` knows, in alphabetical order. */
  async types(kind: Kind): Promise<string[]> {
    const folders = await readdir(new URL(`${kind}s/`, PLUGINS), { withFileTypes: true }).catch(() => []);
    const types = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name.replaceAll('-', '_'));
    for (const plugin of this.#brought.values()) if (plugin.kind === kind) types.push(plugin.type);
    return [...new Set(types)].sort();
  }

  /**
   * Loads an entry of a configuration's `plugins:`: a path (relative to `directory`) or the name of an npm package that is
   * installed for `directory`. Its default export is a plugin or a list of them. Throws `FlawError`.
   */
  async bring(specifier: string, directory: string): Promise<void> {
    Loader.#hook();
    const { default: exported } = await load(specifier, directory);
    const plugins: unknown[] = Array.isArray(exported) ? exported : [exported];
    for (const candidate of plugins) {
      const flaw = flawOf(candidate);
      if (flaw) throw flaw;
      const plugin = candidate as AnyPlugin;
      const key = `${plugin.kind} ${plugin.type}`;
      const other = this.#brought.get(key);
      if (other && other !== plugin) {
        throw new FlawError(
          `another listed plugin is also the ${plugin.kind} \`${plugin.type}\``,
          'list one of the two, or rename its `type`',
        );
      }
      this.#brought.set(key, plugin);
    }
  }
}

function folderOf(kind: Kind, type: string): URL {
  return new URL(`${kind}s/${type.replaceAll('_', '-')}/`, PLUGINS);
}

async function load(specifier: string, directory: string): Promise<{ default?: unknown }> {
  const isPath = /^\.{1,2}[/\\]/.test(specifier) || isAbsolute(specifier);
  const path = resolve(directory, specifier);
  if (isPath && !(await stat(path).catch(() => undefined))?.isFile()) {
    throw new FlawError('there is no such file', 'write the path of a module, relative to this file');
  }
  const lookUp = `${FROM}${JSON.stringify([specifier, pathToFileURL(`${directory}/`).href])}`;
  try {
    return await import(isPath ? pathToFileURL(path).href : lookUp);
  } catch (error) {
    const message = messageOf(error).split('\n', 1)[0] ?? '';
    if (!isPath && message.startsWith(`Cannot find package '${specifier}' imported from ${directory}`)) {
      const remedy = `run npm install ${specifier} there, or write a path with ./ in front`;
      throw new FlawError(`no such package is installed in ${directory}`, remedy, { cause: error });
    }
    throw new FlawError(message, 'fix the module', { cause: error });
  }
}

function flawOf(candidate: unknown): FlawError | undefined {
  const flaw = (message: string, remedy = EXPORT_ONE) => new FlawError(message, remedy);
  if (candidate === undefined) return flaw('it has no default export');
  if (typeof candidate !== 'object' || candidate === null) return flaw('its default export is not a plugin');
  const { kind, type, contract, configSchema, create } = candidate as Partial<AnyPlugin>;
  if (!kinds.some((known) => known === kind)) return flaw(`its \`kind\` must be one of ${kinds.join(', ')}`);
  if (typeof type !== 'string' || !TYPE.test(type)) return flaw('its `type` must be a word in lower_snake_case');
  if (contract !== CONTRACT) {
    const message = `it is written for version ${contract ?? 1} of the contract of plugins, and this is version ${CONTRACT}`;
    return flaw(message, contract === undefined ? MOVE_ON : 'list the version of it that is made for this Wattline');
  }
  if (typeof configSchema?.safeParse !== 'function') return flaw('its `configSchema` must be a zod schema');
  if (typeof create !== 'function') return flaw('its `create` must be a function');
  return undefined;
}

/**
 * Resolves `wattline/plugin` to this process's own copy for plugins in any folder, and packages from the folder of the
 * configuration that names them. Treats TypeScript files as ES modules, whatever the `package.json` around them says.
 */
function resolvePluginApi(): void {
  const urls = new Map(
    ENTRIES.map((entry) => [`wattline/${entry}`, new URL(`./${entry}/index${EXTENSION}`, import.meta.url).href]),
  );
  registerHooks({
    resolve(specifier, context, next) {
      const url = urls.get(specifier);
      if (url !== undefined) return { url, shortCircuit: true };
      if (specifier.startsWith(FROM)) {
        const [name, parentURL] = JSON.parse(specifier.slice(FROM.length));
        return next(name, { ...context, parentURL });
      }
      const resolved = next(specifier, context);
      return /^file:.*\.ts$/.test(resolved.url) ? { ...resolved, format: 'module-typescript' } : resolved;
    },
  });
}
