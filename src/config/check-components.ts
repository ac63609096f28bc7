import { type Flaw, messageOf, type Problem } from '../errors.ts';
import type { Loader } from '../loader.ts';
import type { AnyPlugin } from '../plugin/contract.ts';
import { type Kind, kinds } from '../plugin/kind.ts';
import { checkValues } from './check-values.ts';
import { flawOfId, normalId, parseId } from './component-id.ts';
import type { Component } from './configuration.ts';
import { adviceOn, servesOtherSignals } from './foreign-components.ts';
import { MOST_COMPONENTS } from './limits.ts';
import { directoryOf, isNothing, type LocatedMap, type Path, valueAt } from './located.ts';
import { suggest } from './nearest.ts';

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
      const plugin = await findPlugin(kind, parsed, { root, place, loader, problems });
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
  if (isConnector(id, root))
    return { message: `\`${id}\` is a connector`, remedy: 'remove it: there are no connectors here' };
  const remedy = known.length ? suggest(id, known, `configured ${kind}s`) : `configure it under \`${kind}s\``;
  return { message: `${kind} \`${id}\` is not configured`, remedy };
}

function isConnector(id: string, root: LocatedMap): boolean {
  const connectors = valueAt(root, ['connectors']);
  return connectors?.kind === 'map' && [...connectors.entries.keys()].map(normalId).includes(id);
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

interface Search {
  readonly root: LocatedMap;
  readonly place: Pick<Problem, 'at' | 'path'>;
  readonly loader: Loader;
  readonly problems: Problem[];
}

async function findPlugin(
  kind: Kind,
  { id, type }: { readonly id: string; readonly type: string },
  { root, place, loader, problems }: Search,
): Promise<AnyPlugin | undefined> {
  try {
    const plugin = await loader.find(kind, type);
    if (plugin) return plugin;
    problems.push({ code: 'CONFIG_UNKNOWN_TYPE', ...place, ...(await flawOfType()) });
  } catch (error) {
    const message = `its plugin cannot be loaded: ${messageOf(error)}`;
    problems.push({ code: 'PLUGIN_LOAD_FAILED', ...place, message, remedy: 'reinstall Wattline or fix the plugin' });
  }
  return undefined;

  async function flawOfType(): Promise<Flaw> {
    const advice = adviceOn(kind, type);
    if (advice) return { message: `Wattline does not have the Collector's ${kind} \`${type}\``, remedy: advice };
    const message = `unknown ${kind} type \`${type}\``;
    if (servesOtherSignals(kind, id, root)) {
      return { message, remedy: 'remove it: no pipeline of metrics names it, and Wattline takes metrics only' };
    }
    const guess = suggest(type, await loader.types(kind), 'known types');
    const isLacking = problems.some(({ code, path }) => code === 'PLUGIN_LOAD_FAILED' && path.startsWith('plugins['));
    return {
      message,
      remedy: isLacking ? `it may come from a plugin that cannot be loaded; otherwise: ${guess}` : guess,
    };
  }
}
