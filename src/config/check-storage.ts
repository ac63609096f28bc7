import type { Problem } from '../errors.ts';
import { parseId } from './check-components.ts';
import type { Component } from './configuration.ts';
import { formatPath, type LocatedMap, type Path, positionAt, toPlain, valueAt } from './located.ts';
import { suggest } from './nearest.ts';

/** Checks that what exporters name in `sending_queue.storage` is an extension that offers storage and is started. */
export function checkStorage(
  root: LocatedMap,
  components: readonly Component[],
  extensions: readonly string[],
  problems: Problem[],
): void {
  const exporters = valueAt(root, ['exporters']);
  if (exporters?.kind !== 'map') return;
  for (const key of exporters.entries.keys()) {
    const path: Path = ['exporters', key, 'sending_queue', 'storage'];
    const located = valueAt(root, path);
    const name = located && toPlain(located);
    if (typeof name !== 'string' || name === '') continue;
    const flaw = flawOf(parseId(name)?.id ?? name, root, components, extensions);
    if (flaw) problems.push({ at: positionAt(root, path), path: formatPath(path), ...flaw });
  }
}

function flawOf(
  id: string,
  root: LocatedMap,
  components: readonly Component[],
  extensions: readonly string[],
): Pick<Problem, 'code' | 'message' | 'remedy'> | undefined {
  if (!extensions.includes(id)) {
    const known = 'configured extensions';
    const remedy = extensions.length ? suggest(id, extensions, known) : 'configure it under `extensions`';
    return { code: 'CONFIG_UNDEFINED_REFERENCE', message: `extension \`${id}\` is not configured`, remedy };
  }
  const configured = components.filter(({ kind }) => kind === 'extension');
  const component = configured.find((extension) => extension.id === id);
  if (component && !offersStorage(component)) {
    const able = configured.filter(offersStorage).map((extension) => `\`${extension.id}\``);
    const remedy = able.length ? `name ${able.join(' or ')}` : 'configure an extension that does, and name that';
    return { code: 'CONFIG_INVALID_VALUE', message: `extension \`${id}\` offers no storage`, remedy };
  }
  if (startedExtensions(root)?.includes(id) ?? true) return undefined;
  const message = `extension \`${id}\` is not started`;
  return { code: 'CONFIG_UNDEFINED_REFERENCE', message, remedy: 'list it in service.extensions' };
}

function offersStorage({ plugin }: Component): boolean {
  return plugin.offers?.includes('storage') ?? false;
}

/** Undefined where the list is wrong, which is said elsewhere. */
function startedExtensions(root: LocatedMap): string[] | undefined {
  const list = valueAt(root, ['service', 'extensions']);
  if (!list) return [];
  const names = toPlain(list) ?? [];
  if (!Array.isArray(names)) return undefined;
  return names.map((name) => parseId(String(name))?.id ?? String(name));
}
