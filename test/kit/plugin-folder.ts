import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { AnyPlugin } from '../../src/plugin/contract.ts';
import { freePort } from './free-port.ts';
import { type Option, objectsOf, optionsOf } from './options.ts';

/** What stands in the folder of a plugin beside its code: `README.md`, `sample.yaml` and tests. */
export class PluginFolder {
  readonly path: string;
  readonly #plugin: AnyPlugin;

  constructor(plugin: AnyPlugin, path: string) {
    this.path = path;
    this.#plugin = plugin;
  }

  /** The files that a plugin's folder must have and this one has not. */
  get missing(): string[] {
    const files = ['README.md', 'sample.yaml'].filter((name) => !existsSync(join(this.path, name)));
    const names = readdirSync(this.path, { recursive: true }).map(String);
    return names.some((name) => /\.test\.[jt]s$/.test(name)) ? files : [...files, 'test'];
  }

  get readme(): string {
    return readFileSync(join(this.path, 'README.md'), 'utf8');
  }

  /** The sample as it is written, and with its commented-out settings in force. */
  get samples(): readonly [written: string, whole: string] {
    const text = readFileSync(join(this.path, 'sample.yaml'), 'utf8');
    return [text, uncommented(text)];
  }

  /** The plugin's section of a sample. */
  section(sample: string): Record<string, unknown> {
    return (parse(sample)?.[this.#plugin.type] ?? {}) as Record<string, unknown>;
  }

  get options(): Option[] {
    return optionsOf(this.#plugin.configSchema);
  }

  /** The paths of all objects in the configuration, the outermost being ''. */
  get objects(): string[] {
    return objectsOf(this.#plugin.configSchema);
  }

  /** The rows of the README's table under a heading, as lists of cells. */
  tableUnder(heading: string): string[][] {
    const section = this.readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
    const lines = section.split('\n').filter((line) => line.startsWith('|'));
    return lines.map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }

  /** The second-level headings of the README. */
  get headings(): string[] {
    return [...this.readme.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading as string);
  }
}

/** A sample with its commented-out settings in force; other comments are dropped. */
function uncommented(sample: string): string {
  return sample
    .split('\n')
    .map((line) => line.replace(/^(\s*)# ?(\s*[a-z][a-z0-9_]*:(?: .*)?)$/, '$1$2'))
    .filter((line) => !/^\s*#/.test(line))
    .join('\n');
}

/** The value at a path such as `sending_queue.queue_size`; undefined where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** A copy of a configuration with one more key in the object at `path`. */
export function withUnknownKey(config: object, path: string): object {
  const copy = structuredClone(config) as Record<string, unknown>;
  let target = copy;
  for (const key of path === '' ? [] : path.split('.')) {
    target[key] = { ...(target[key] as object | undefined) };
    target = target[key] as Record<string, unknown>;
  }
  target.no_such_option = 1;
  return copy;
}

/**
 * A configuration whose addresses are free ones on loopback, without the certificates and tokens that a sample only names;
 * what it calls is at `url`, or away.
 */
export async function onLoopback(config: Record<string, unknown>, url?: string): Promise<Record<string, unknown>> {
  const { tls: _, auth: __, ...rest } = config;
  const entries = Object.entries(rest).map(async ([key, value]) => {
    if (isSection(value)) return [key, await onLoopback(value, url)];
    if (typeof value !== 'string') return [key, value];
    if (/^https?:/.test(value)) return [key, url ?? `http://127.0.0.1:${await freePort()}`];
    return [key, /^[\w.[\]:]*:\d+$/.test(value) ? '127.0.0.1:0' : value];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
