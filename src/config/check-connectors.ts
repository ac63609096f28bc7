import type { Problem } from '../errors.ts';
import { parseId } from './component-id.ts';
import { adviceOn } from './foreign-components.ts';
import { isNothing, type LocatedMap, valueAt } from './located.ts';

/** Reports each of the Collector's connectors, with what to do in its place, or the section where it is no map. */
export function checkConnectors(root: LocatedMap, problems: Problem[]): void {
  const section = valueAt(root, ['connectors']);
  if (!section || isNothing(section)) return;
  const message = 'there are no connectors here';
  const report = (at: Problem['at'], path: string, remedy = 'remove it, or let a Collector run it') =>
    problems.push({ code: 'CONFIG_UNKNOWN_TYPE', at, path, message, remedy });
  if (section.kind !== 'map') report(section.at, 'connectors');
  else {
    for (const [id, { at }] of section.entries) {
      report(at, `connectors.${id}`, adviceOn('connector', parseId(id)?.type ?? ''));
    }
  }
}
