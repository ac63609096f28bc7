import { type Flaw, messageOf, type Problem } from '../errors.ts';
import type { Loader } from '../loader.ts';
import type { AnyPlugin } from '../plugin/contract.ts';
import { type Kind, kinds } from '../plugin/kind.ts';
import { checkValues } from './check-values.ts';
import type { Component } from './configuration.ts';
import { MOST_COMPONENTS } from './limits.ts';
import { directoryOf, isNothing, type LocatedMap, type Path, valueAt } from './located.ts';
import { suggest } from './nearest.ts';

const TYPE = /^[a-zA-Z][0-9a-zA-Z_]{0,62}$/;
const NAME = /^[^\p{Z}\p{C}\p{S}]{1,1024}$/u;

/** Returns the valid components: finds the plugin of each, and checks its section against the plugin's schema. */
export async function checkComponents(
  root: LocatedMap,
  loader: Loader,
  problems: Problem[],
  warnings: string[],
): Promise<Component[]> {
  const components: Component[] = [];
  let count = 0;
  for (const kind of kinds) {
    const section = valueAt(root, [`${kind}s`]);
    if (!section || isNothing(section)) continue;
    if (section.kind !== 'map') {
      const remedy = `write a map of ${kind}s by their ids`;
      const message = 'not a map';
      problems.push({ code: 'CONFIG_INVALID_VALUE', at: section.at, path: `${kind}s`, message, remedy });
      continue;
    }
    const firsts = firstsOf(section.entries.keys());
    for (const [key, { at, value }] of section.entries) {
      const place = { at, path: `${kind}s.${key}` };
      if (++count > MOST_COMPONENTS) {
        const message = `there are more than ${MOST_COMPONENTS} components`;
        problems.push({ code: 'CONFIG_TOO_LARGE', ...place, message, remedy: 'run several processes' });
        return components;
      }
      const parsed = parseId(key);
      const flaw = parsed ? flawOfRepetition(key, firsts) : flawOfId(key);
      if (flaw) problems.push({ code: 'CONFIG_INVALID_ID', ...place, ...flaw });
      if (!parsed) continue;
      const plugin = await findPlugin(kind, parsed.type, place, loader, problems);
      const config = plugin && checkValues<unknown>(plugin.configSchema, root, [`${kind}s`, key], problems, warnings);
      if (!plugin || config === undefined) continue;
      components.push({ kind, id: parsed.id, plugin, config, at, directory: directoryOf(value.at) });
    }
  }
  return components;
}

/** Returns the problem with a reference to a component that is not configured; undefined where it is or may be. */
export function flawOfReference(kind: Kind, id: string, root: LocatedMap): Flaw | undefined {
  const section = valueAt(root, [`${kind}s`]);
  const isReadable = isNothing(section) || section?.kind === 'map';
  if (section?.kind === 'map' && section.entries.has(id)) return undefined;
  if (!isReadable || (section?.kind === 'scalar' && section.isUnresolved)) return undefined;
  const known = section?.kind === 'map' ? [...section.entries.keys()].map(normalId) : [];
  if (known.includes(id)) return undefined;
  const remedy = known.length ? suggest(id, known, `configured ${kind}s`) : `configure it under \`${kind}s\``;
  return { message: `${kind} \`${id}\` is not configured`, remedy };
}

/** Returns the first key of each id. */
export function firstsOf(keys: Iterable<string>): ReadonlyMap<string, string> {
  const firsts = new Map<string, string>();
  for (const key of keys) if (!firsts.has(normalId(key))) firsts.set(normalId(key), key);
  return firsts;
}

/** Returns the problem with a key whose id an earlier one, which is among the first ones, has too. */
export function flawOfRepetition(key: string, firsts: ReadonlyMap<string, string>): Flaw | undefined {
  const id = normalId(key);
  if (firsts.get(id) === key) return undefined;
  return { message: `the id \`${id}\` is used twice, with different spaces`, remedy: 'rename one of the two' };
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

function flawOfId(text: string): Flaw {
  const [type, name] = partsOf(text);
  const remedy = 'write a type such as `debug`, or a type and a name such as `debug/second`';
  const flaw = (message: string): Flaw => ({ message, remedy });
  if (type === '') return flaw(`\`${text}\` is an id without a type`);
  if (!TYPE.test(type))
    return flaw(`\`${type}\` is not a type, which is a letter and at most 62 letters, digits and _ after it`);
  if (name === '') return flaw(`in \`${text}\` no name follows the slash`);
  const rule = 'which has no spaces and no symbols such as + or $, and at most 1024 characters';
  return flaw(`\`${name}\` is not a name, ${rule}`);
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
