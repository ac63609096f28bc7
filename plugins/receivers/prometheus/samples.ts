import type { Job } from './config.ts';
import { type Labels, relabelling } from './relabel.ts';

const NAME = '__name__';
const EXPORTED = 'exported_';

/** A sample's name and labels. */
export interface Named {
  readonly name: string;
  readonly labels: Labels;
}

/** Returns what becomes of a sample of a target with these labels; undefined where it is dropped. */
export type SampleRules = (sample: Named, target: Labels) => Named | undefined;

/**
 * Returns what a job does to the names and labels of samples, or undefined where that is nothing. Labels of the target are
 * there for its rules as in Prometheus; what they leave of them is said by the resource, and not by each point again.
 */
export function sampleRules(job: Pick<Job, 'honor_labels' | 'metric_relabel_configs'>): SampleRules | undefined {
  const { honor_labels, metric_relabel_configs: rules } = job;
  if (honor_labels && rules.length === 0) return undefined;
  const relabel = rules.length ? relabelling(rules) : undefined;
  return ({ name, labels }, target) => {
    const own = honor_labels ? labels : exported(labels, target);
    if (!relabel) return { name, labels: own };
    const { [NAME]: newName, ...changed } = relabel({ ...target, ...own, [NAME]: name }) ?? {};
    if (newName === undefined) return undefined;
    const isSaid = ([label, value]: [string, string]) => target[label] === value && own[label] === undefined;
    const some = Object.entries(changed).filter((entry) => !entry[0].startsWith('__') && !isSaid(entry));
    return { name: newName, labels: Object.fromEntries(some) };
  };
}

/** Returns the labels of a sample with `exported_` before those that its target has too. */
function exported(labels: Labels, target: Labels): Labels {
  const clashing = Object.keys(labels).filter((label) => Object.hasOwn(target, label));
  if (clashing.length === 0) return labels;
  const all = new Map(Object.entries(labels));
  for (const label of clashing) {
    let name = EXPORTED + label;
    while (all.has(name) || Object.hasOwn(target, name)) name = EXPORTED + name;
    all.set(name, labels[label] as string);
    all.delete(label);
  }
  return Object.fromEntries(all);
}
