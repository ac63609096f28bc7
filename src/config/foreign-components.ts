import { normalId, parseId } from './component-id.ts';
import advice from './foreign-components.json' with { type: 'json' };
import { type LocatedMap, valueAt } from './located.ts';

type ForeignKind = keyof typeof advice;

/**
 * Returns what to do in place of a component that only the Collector has, of a kind and a type, old or new: newer names
 * have more underscores. Undefined where it is not known.
 */
export function adviceOn(kind: string, type: string): string | undefined {
  const name = type.replaceAll('_', '').toLowerCase();
  const groups = Object.hasOwn(advice, kind) ? advice[kind as ForeignKind] : [];
  return groups.find(({ types }) => types.includes(name))?.instead;
}

/** What a pipeline may be of beside metrics, in the Collector. */
const OTHER_SIGNALS: readonly (string | undefined)[] = ['traces', 'logs', 'profiles'];

/** Returns what a pipeline of this id is of where that is no metrics; undefined where it is, or nobody knows. */
export function otherSignalOf(id: string): string | undefined {
  const type = parseId(id)?.type;
  return OTHER_SIGNALS.includes(type) ? type : undefined;
}

/** Returns whether a component is named by pipelines, and by none of metrics. */
export function servesOtherSignals(kind: string, id: string, root: LocatedMap): boolean {
  const pipelines = valueAt(root, ['service', 'pipelines']);
  if (pipelines?.kind !== 'map') return false;
  const naming = [...pipelines.entries].filter(([, { value }]) => {
    const list = valueAt(value, [`${kind}s`]);
    return (
      list?.kind === 'list' && list.items.some((item) => item.kind === 'scalar' && normalId(String(item.value)) === id)
    );
  });
  return naming.length > 0 && naming.every(([name]) => otherSignalOf(name) !== undefined);
}
