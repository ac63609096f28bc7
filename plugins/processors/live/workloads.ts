import type { Attributes } from '@opentelemetry/api';
import { Attribute } from 'wattline/plugin';
import { textOf } from './attribute-text.ts';
import { type HostName, hostAttributes, ownAttributes } from './identity.ts';

/** What energy and CPU time can be attributed to: the host as a whole, or the workloads that ran on it. */
export const levels = ['host', 'namespace', 'pod', 'container', 'process', 'vm'] as const;

export type Level = (typeof levels)[number];

/** What names the workloads of a level. */
interface Naming {
  /** The first of these that is there names the workload. */
  readonly names: readonly string[];
  /** What it is in, which is part of its name. */
  readonly within: readonly string[];
}

const POD = 'k8s.pod.name';
const pod = ['k8s.namespace.name', POD];
const namings: Readonly<Record<Exclude<Level, 'host'>, Naming>> = {
  namespace: { names: ['k8s.namespace.name'], within: [] },
  pod: { names: ['k8s.pod.name', 'k8s.pod.uid'], within: ['k8s.namespace.name'] },
  container: { names: ['k8s.container.name', 'container.name', 'container.id'], within: pod },
  process: { names: ['process.executable.name', 'process.command'], within: pod },
  vm: { names: ['vm.name', 'vm.id'], within: [] },
};

/** Returns the attributes that name the workload of a level; undefined where a resource names none. */
export function workloadOf(attributes: Attributes, level: Level): Attributes | undefined {
  if (level === 'host') return undefined;
  const { names, within } = namings[level];
  const name = names.find((key) => textOf(attributes[key]) !== undefined);
  if (name === undefined) return undefined;
  // Containers of two pods may have one name.
  const around = within.includes(POD) && textOf(attributes[POD]) === undefined ? [...within, 'k8s.pod.uid'] : within;
  const known = [...around.filter((key) => key !== name), name].flatMap((key) => {
    const text = textOf(attributes[key]);
    return text === undefined ? [] : [[key, text] as const];
  });
  return Object.fromEntries(known);
}

/** Returns the name of a workload: its own after those of what it is in, such as `shop/web-1`. */
export function nameOfWorkload(workload: Attributes): string {
  return Object.values(workload).join('/');
}

/**
 * Returns the attributes of the slices of what a resource used itself: those of its workload, where it names one of the
 * level, with what `sender` says of its host, which is the resource itself or one that reports it. The scenario is the one
 * that is stated, else the name of the workload.
 */
export function attributesAt(
  attributes: Attributes,
  level: Level,
  names: readonly HostName[],
  sender = attributes,
): Attributes {
  const workload = workloadOf(attributes, level);
  if (!workload) return ownAttributes(attributes);
  const scenario = textOf(attributes.scenario) ?? nameOfWorkload(workload);
  return onHost({ ...workload, scenario }, hostAttributes(sender, names));
}

/** Returns the attributes of a workload with those of the host that it ran on, which names itself apart from them too. */
export function onHost(workload: Attributes, host: Attributes): Attributes {
  const name = textOf(host['host.name']);
  return { ...host, ...(name !== undefined && { [Attribute.streamHost]: name }), ...workload };
}
