import { readdir } from 'node:fs/promises';
import { registerHooks } from 'node:module';
import { extname, isAbsolute, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyPlugin, Kind } from './plugin/index.ts';

const PLUGINS = new URL('../plugins/', import.meta.url);
/** `.ts` in the checkout, `.js` in the published package. */
const EXTENSION = extname(import.meta.url);
const API = 'wattline/plugin';
const KINDS: ReadonlySet<string> = new Set<Kind>(['receiver', 'processor', 'exporter', 'extension']);
const TYPE = /^[a-z][a-z0-9_]*$/;

/** How a package name is handed to the hook below, together with the folder it is looked up from. */
const FROM = 'wattline-from:';

/** Finds plugins: first those that a configuration brought along, then the folder `plugins/<kind>s/<type>/`. */
export class Loader {
  readonly #brought = new Map<string, AnyPlugin>();

  constructor() {
    resolvePluginApi();
  }

  /** The plugin of that kind and type, or undefined where there is none. */
  async find(kind: Kind, type: string): Promise<AnyPlugin | undefined> {
    const brought = this.#brought.get(`${kind} ${type}`);
    if (brought) return brought;
    if (!(await this.types(kind)).includes(type)) return undefined;
    const folder = new URL(`${kind}s/${type.replaceAll('_', '-')}/`, PLUGINS);
    const module = await import(new URL(`index${EXTENSION}`, folder).href);
    return module.default;
  }

  /** All types of a kind that `find` knows, in alphabetical order. */
  async types(kind: Kind): Promise<string[]> {
    const folders = await readdir(new URL(`${kind}s/`, PLUGINS), { withFileTypes: true }).catch(() => []);
    const types = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name.replaceAll('-', '_'));
    for (const plugin of this.#brought.values()) if (plugin.kind === kind) types.push(plugin.type);
    return [...new Set(types)].sort();
  }

  /**
   * Loads what a configuration lists under `plugins:`: a path (relative to `directory`) or the name of an npm package
   * that is installed for `directory`. Its default export is a plugin or a list of them. Throws where it is neither.
   */
  async bring(specifier: string, directory: string): Promise<void> {
    const { default: exported } = await import(locate(specifier, directory));
    const plugins: unknown[] = Array.isArray(exported) ? exported : [exported];
    for (const candidate of plugins) {
      const flaw = flawOf(candidate);
      if (flaw) throw new Error(`its default export is not a plugin: ${flaw}`);
      const plugin = candidate as AnyPlugin;
      this.#brought.set(`${plugin.kind} ${plugin.type}`, plugin);
    }
  }
}

function locate(specifier: string, directory: string): string {
  if (/^\.{1,2}[/\\]/.test(specifier) || isAbsolute(specifier))
    return pathToFileURL(resolve(directory, specifier)).href;
  return `${FROM}${JSON.stringify([specifier, pathToFileURL(`${directory}/`).href])}`;
}

function flawOf(candidate: unknown): string | undefined {
  if (typeof candidate !== 'object' || candidate === null)
    return `it is ${candidate === null ? 'null' : typeof candidate}`;
  const { kind, type, configSchema, create } = candidate as Partial<AnyPlugin>;
  if (!KINDS.has(kind as string)) return `\`kind\` must be one of ${[...KINDS].join(', ')}`;
  if (typeof type !== 'string' || !TYPE.test(type)) return '`type` must be a word in lower_snake_case';
  if (typeof configSchema?.safeParse !== 'function') return '`configSchema` must be a zod schema';
  if (typeof create !== 'function') return '`create` must be a function';
  return undefined;
}

/**
 * Lets plugins import `wattline/plugin` from wherever they lie, gives all of them this process's own copy, and looks
 * packages up from the folder of the configuration that names them.
 */
function resolvePluginApi(): void {
  const url = new URL(`./plugin/index${EXTENSION}`, import.meta.url).href;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === API) return { url, shortCircuit: true };
      if (!specifier.startsWith(FROM)) return next(specifier, context);
      const [name, parentURL] = JSON.parse(specifier.slice(FROM.length));
      return next(name, { ...context, parentURL });
    },
  });
}
