import type { Attributes } from '@opentelemetry/api';
import { Attribute } from 'wattline/plugin';

const HOST = 'host.name';
const NODE = 'k8s.node.name';
/** With one of these, `host.name` is the name of the pod or container. */
const WITHIN_HOST = ['k8s.pod.uid', 'k8s.pod.name', 'container.id'];

/**
 * Returns the labels that some attributes of a resource become, as text; those that it lacks are left out. `host.name` is
 * the machine: its node in a cluster, and nothing where the resource names only its pod or container.
 */
export function chosenLabels(attributes: Attributes, names: readonly string[]): Attributes {
  const labels: Attributes = {};
  for (const name of names) {
    const value = name === HOST ? machineOf(attributes) : attributes[name];
    if (value !== undefined && value !== null && value !== '') labels[name] = String(value);
  }
  return labels;
}

function machineOf(attributes: Attributes): Attributes[string] {
  const stated = attributes[NODE] || attributes[Attribute.streamHost];
  if (stated) return stated;
  return WITHIN_HOST.some((name) => attributes[name]) ? undefined : attributes[HOST];
}
