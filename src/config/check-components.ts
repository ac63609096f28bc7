import { type Flaw, messageOf, type Problem } from '../errors.ts';
import type { Loader } from '../loader.ts';
import type { AnyPlugin } from '../plugin/contract.ts';
import { type Kind, kinds } from '../plugin/kind.ts';
import { checkValues } from './check-values.ts';
import type { Component } from './configuration.ts';
import { directoryOf, isNothing, type LocatedMap, type Path, valueAt } from './located.ts';
import { suggest } from './nearest.ts';

const TYPE = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/;
const NAME = /^[^\p{Z}\p{C}\p{S}]{1,1024}$/u;

/** All ids in the configuration by kind, valid or not; undefined where the section of a kind cannot be read. */
export type WrittenIds = Readonly<Partial<Record<Kind, readonly string[]>>>;

/** The valid components, and the ids of all that the configuration lists. */
export interface CheckedComponents {
  readonly components: Component[];
  readonly ids: WrittenIds;
}

/** Finds the plugin of every configured component and checks its section against the plugin's schema. */
export async function checkComponents(
  root: LocatedMap,
  loader: Loader,
  problems: Problem[],
  warnings: string[],
): Promise<CheckedComponents> {
  const components: Component[] = [];
  const ids: Partial<Record<Kind, readonly string[]>> = {};
  for (const kind of kinds) {
    const written: string[] = [];
    const section = root.entries.get(`${kind}s`)?.value;
    if (section?.kind === 'scalar' && section.isUnresolved) continue;
    if (!section || isNothing(section) || section.kind === 'map') ids[kind] = written;
    if (!section || isNothing(section)) continue;
    if (section.kind !== 'map') {
      const remedy = `write a map of ${kind}s by their ids`;
      const message = 'not a map';
      problems.push({ code: 'CONFIG_INVALID_VALUE', at: section.at, path: `${kind}s`, message, remedy });
      continue;
    }
    for (const [key, { at, value }] of section.entries) {
      const place = { at, path: `${kind}s.${key}` };
      const parsed = parseId(key);
      if (!parsed) {
        const message = flawOfId(key);
        const remedy = 'write a type such as `debug`, or a type and a name such as `debug/second`';
        problems.push({ code: 'CONFIG_INVALID_ID', ...place, message, remedy });
      } else if (written.includes(parsed.id)) {
        const message = `the id \`${parsed.id}\` is used twice, with different spaces`;
        problems.push({ code: 'CONFIG_INVALID_ID', ...place, message, remedy: 'rename one of the two' });
      }
      written.push(parsed?.id ?? key);
      if (!parsed) continue;
      const plugin = await findPlugin(kind, parsed.type, place, loader, problems);
      const config = plugin && checkValues<unknown>(plugin.configSchema, root, [`${kind}s`, key], problems, warnings);
      if (!plugin || config === undefined) continue;
      components.push({ kind, id: parsed.id, plugin, config, at, directory: directoryOf(value.at) });
    }
  }
  return { components, ids };
}

/** Returns the problem with a reference to a component that is not configured; undefined where it is or may be. */
export function flawOfReference(kind: Kind, id: string, ids: WrittenIds): Flaw | undefined {
  const known = ids[kind];
  if (!known || known.includes(id)) return undefined;
  const remedy = known.length ? suggest(id, known, `configured ${kind}s`) : `configure it under \`${kind}s\``;
  return { message: `${kind} \`${id}\` is not configured`, remedy };
}

/** Returns the path of a component's section, whose key may contain spaces. */
export function pathOf({ kind, id }: Pick<Component, 'kind' | 'id'>, root: LocatedMap): Path {
  const section = valueAt(root, [`${kind}s`]);
  const keys = section?.kind === 'map' ? [...section.entries.keys()] : [];
  return [`${kind}s`, keys.find((written) => normalId(written) === id) ?? id];
}

/** Splits `type/name` at its first slash and trims both parts. Returns undefined where either is invalid. */
export function parseId(text: string): { id: string; type: string } | undefined {
  const [type, name] = partsOf(text);
  if (!TYPE.test(type) || (name !== undefined && !NAME.test(name))) return undefined;
  return { id: name === undefined ? type : `${type}/${name}`, type };
}

/** Returns a valid id without spaces around its parts, and any other text as it is. */
export function normalId(text: string): string {
  return parseId(text)?.id ?? text;
}

function partsOf(text: string): readonly [type: string, name?: string] {
  const [type = '', name] = text.split(/\/(.*)/s, 2).map((part) => part.trim());
  return name === undefined ? [type] : [type, name];
}

function flawOfId(text: string): string {
  const [type, name] = partsOf(text);
  if (type === '') return `\`${text}\` is an id without a type`;
  if (!TYPE.test(type))
    return `\`${type}\` is not a type, which is a letter and at most 62 letters, digits and _ after it`;
  if (name === '') return `in \`${text}\` no name follows the slash`;
  return `\`${name}\` is not a name, which has no spaces and no symbols such as + or $, and at most 1024 characters`;
}

async function findPlugin(
  kind: Kind,
  type: string,
  place: Pick<Problem, 'at' | 'path'>,
  loader: Loader,
  problems: Problem[],
): Promise<AnyPlugin | undefined> {
  try {
    const plugin = await loader.find(kind, type);
    if (plugin) return plugin;
    const guess = suggest(type, await loader.types(kind), 'known types');
    const isLacking = problems.some(({ code, path }) => code === 'PLUGIN_LOAD_FAILED' && path.startsWith('plugins['));
    const remedy = isLacking ? `it may come from a plugin that cannot be loaded; otherwise: ${guess}` : guess;
    problems.push({ code: 'CONFIG_UNKNOWN_TYPE', ...place, message: `unknown ${kind} type \`${type}\``, remedy });
  } catch (error) {
    const message = `its plugin cannot be loaded: ${messageOf(error)}`;
    problems.push({ code: 'PLUGIN_LOAD_FAILED', ...place, message, remedy: 'reinstall Wattline or fix the plugin' });
  }
  return undefined;
}
