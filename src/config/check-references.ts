import type { Problem } from '../errors.ts';
import type { Reference } from '../plugin/index.ts';
import { type CheckedComponents, parseId } from './check-components.ts';
import type { Component } from './configuration.ts';
import { formatPath, type Located, type LocatedMap, type Path, positionAt, toPlain, valueAt } from './located.ts';
import { suggest } from './nearest.ts';
import { marksAt } from './schema-at.ts';

/** Checks that what components name in their own sections is configured, started, and offers what they want of it. */
export function checkReferences(root: LocatedMap, checked: CheckedComponents, problems: Problem[]): void {
  for (const { kind, id, plugin } of checked.components) {
    const section = valueAt(root, [`${kind}s`]);
    const keys = section?.kind === 'map' ? [...section.entries.keys()] : [];
    const key = keys.find((written) => parseId(written)?.id === id) ?? id;
    for (const [path, name] of textsIn(valueAt(root, [`${kind}s`, key]))) {
      const { reference } = marksAt(plugin.configSchema, path);
      const flaw = reference && flawOf(parseId(name)?.id ?? name, reference, root, checked);
      const full = [`${kind}s`, key, ...path];
      if (flaw) problems.push({ at: positionAt(root, full), path: formatPath(full), ...flaw });
    }
  }
}

/** All texts in a value that are not empty, each with its path. */
function textsIn(located: Located | undefined): (readonly [Path, string])[] {
  if (!located) return [];
  if (located.kind === 'scalar') {
    return typeof located.value === 'string' && located.value !== '' ? [[[], located.value]] : [];
  }
  const children: (readonly [string | number, Located])[] =
    located.kind === 'map'
      ? [...located.entries].map(([key, { value }]) => [key, value])
      : located.items.map((item, index) => [index, item]);
  return children.flatMap(([step, child]) => textsIn(child).map(([path, text]) => [[step, ...path], text] as const));
}

function flawOf(
  id: string,
  { kind, offers }: Reference,
  root: LocatedMap,
  { components, ids }: CheckedComponents,
): Pick<Problem, 'code' | 'message' | 'remedy'> | undefined {
  if (!ids[kind].includes(id)) {
    const remedy = ids[kind].length ? suggest(id, ids[kind], `configured ${kind}s`) : `configure it under \`${kind}s\``;
    return { code: 'CONFIG_UNDEFINED_REFERENCE', message: `${kind} \`${id}\` is not configured`, remedy };
  }
  const configured = components.filter((component) => component.kind === kind);
  const component = configured.find((other) => other.id === id);
  if (component && offers && !isOffered(offers, component)) {
    const able = configured.filter((other) => isOffered(offers, other)).map((other) => `\`${other.id}\``);
    const remedy = able.length ? `name ${able.join(' or ')}` : 'configure an extension that does, and name that';
    return { code: 'CONFIG_INVALID_VALUE', message: `${kind} \`${id}\` offers no ${offers}`, remedy };
  }
  if (kind === 'provider' || (startedExtensions(root)?.includes(id) ?? true)) return undefined;
  const message = `extension \`${id}\` is not started`;
  return { code: 'CONFIG_UNDEFINED_REFERENCE', message, remedy: 'list it in service.extensions' };
}

function isOffered(offers: 'storage', { plugin }: Component): boolean {
  return plugin.offers?.includes(offers) ?? false;
}

/** Undefined where the list is wrong, which is said elsewhere. */
function startedExtensions(root: LocatedMap): string[] | undefined {
  const list = valueAt(root, ['service', 'extensions']);
  if (!list) return [];
  const names = toPlain(list) ?? [];
  if (!Array.isArray(names)) return undefined;
  return names.map((name) => parseId(String(name))?.id ?? String(name));
}
