import type { Flaw, Problem } from '../errors.ts';
import type { Offer, Reference } from '../plugin/schema.ts';
import { flawOfReference, pathOf } from './check-components.ts';
import { normalId } from './component-id.ts';
import type { Component } from './configuration.ts';
import { type LocatedMap, placeOf, scalarsIn, toPlain, valueAt } from './located.ts';
import { marksAt } from './schema-at.ts';

/** Checks that components named in other components' sections are configured, started and offer what is needed. */
export function checkReferences(root: LocatedMap, components: readonly Component[], problems: Problem[]): void {
  const found: Found[] = [];
  for (const { kind, id, plugin } of components) {
    const section = pathOf({ kind, id }, root);
    for (const [path, { value }] of scalarsIn(valueAt(root, section))) {
      if (typeof value !== 'string' || value === '') continue;
      const { reference } = marksAt(plugin.configSchema, path);
      if (!reference) continue;
      const place = placeOf(root, [...section, ...path]);
      const named = normalId(value);
      const flaw = flawOf(named, reference, root, components);
      if (flaw) problems.push({ ...place, ...flaw });
      found.push({ from: `${kind} \`${id}\``, to: `${reference.kind} \`${named}\``, ...place });
    }
  }
  reportCycles(found, problems);
}

/** A reference of one component to another. */
interface Found extends Pick<Problem, 'at' | 'path'> {
  readonly from: string;
  readonly to: string;
}

/** Reports cycles: components that need each other cannot start one after the other. */
function reportCycles(references: readonly Found[], problems: Problem[]): void {
  const done = new Set<string>();
  const visit = (component: string, way: readonly string[]): void => {
    for (const { from, to, at, path } of references.filter((reference) => reference.from === component)) {
      const start = way.indexOf(to);
      if (start >= 0) {
        const message = `${from} needs itself: ${[...way.slice(start), to].join(' → ')}`;
        problems.push({ code: 'CONFIG_INVALID_VALUE', at, path, message, remedy: 'remove one of these references' });
      } else if (!done.has(to)) visit(to, [...way, to]);
    }
    done.add(component);
  };
  for (const { from } of references) if (!done.has(from)) visit(from, [from]);
}

function flawOf(
  id: string,
  { kind, offers }: Reference,
  root: LocatedMap,
  components: readonly Component[],
): (Flaw & Pick<Problem, 'code'>) | undefined {
  const missing = flawOfReference(kind, id, root);
  if (missing) return { code: 'CONFIG_UNDEFINED_REFERENCE', ...missing };
  const configured = components.filter((component) => component.kind === kind);
  const component = configured.find((other) => other.id === id);
  if (component && offers && !isOffered(offers, component)) {
    const able = configured.filter((other) => isOffered(offers, other)).map((other) => `\`${other.id}\``);
    const remedy = able.length ? `name ${able.join(' or ')}` : 'configure an extension that does, and name that';
    return { code: 'CONFIG_INVALID_VALUE', message: `${kind} \`${id}\` offers no ${offers.replace('_', ' ')}`, remedy };
  }
  if (kind === 'provider' || isStarted(id, root)) return undefined;
  const message = `extension \`${id}\` is not started`;
  return { code: 'CONFIG_UNDEFINED_REFERENCE', message, remedy: 'list it in service.extensions' };
}

function isOffered(offers: Offer, { plugin }: Component): boolean {
  return plugin.offers?.includes(offers) ?? false;
}

/** An invalid list of extensions, which another check reports, may contain any. */
function isStarted(id: string, root: LocatedMap): boolean {
  const list = valueAt(root, ['service', 'extensions']);
  const names = (list && toPlain(list)) ?? [];
  return !Array.isArray(names) || names.some((name) => normalId(String(name)) === id);
}
