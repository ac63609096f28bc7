import { hash } from 'node:crypto';
import type { Attributes } from '@opentelemetry/api';
import { attributesKey, hostOfAddress, isLoopback, scenarioOf } from 'wattline/plugin';
import { textOf } from './attribute-text.ts';
import { insideOf } from './pods.ts';

/** A name of a host: the attribute that says it, and its value. */
export type HostName = readonly [key: string, value: string];

/** Who sent something, as far as its resource says so. */
export interface Identity {
  /** The names of the host, the strongest first. */
  readonly names: readonly HostName[];
  /** Whether the sender can be told from others at all: by a name of its host, or as a pod, container or instance. */
  readonly isNamed: boolean;
  /** The pod or container that it is, where it says so. */
  readonly itself?: string;
}

/** The attributes that name a host, the strongest first: where two resources differ in one, weaker ones do not join them. */
export const hostKeys = [
  'k8s.node.uid',
  'k8s.node.name',
  'host.id',
  'host.name',
  'service.instance.id',
  'server.address',
] as const;

const container = ['container.id', 'k8s.pod.uid', 'k8s.pod.name'];
/** What attributes begin with that are about who reports a host, and not about the host. */
const ofReporter = /^(?:service|telemetry|process|container|k8s\.(?!node\.|cluster\.))/;

/**
 * Returns who sent something, by the attributes that name hosts, strongest first. In a resource with a pod or container
 * `host.*` names that. An instance or address counts as far as it names a host that others can reach.
 */
export function identityOf(attributes: Attributes, keys: readonly string[]): Identity {
  const isContained = container.some((key) => textOf(attributes[key]) !== undefined);
  const [itself] = insideOf(attributes);
  const names = keys.flatMap((key): HostName[] => {
    const value = textOf(attributes[key]);
    if (value === undefined || (isContained && key.startsWith('host.'))) return [];
    const host = key === 'service.instance.id' ? hostOfAddress(value) : value;
    return host === undefined || isLoopback(host) ? [] : [[key, host]];
  });
  const instance = textOf(attributes['service.instance.id']);
  const isInstance = instance !== undefined && !isLoopback(hostOfAddress(instance) ?? instance);
  return { names, isNamed: names.length > 0 || isContained || isInstance, ...(itself !== undefined && { itself }) };
}

/** Returns the names of a host by their strength, and those of which the attribute is not known last. */
export function namesIn({ names }: { readonly names: readonly HostName[] }, keys: readonly string[]): HostName[] {
  const rank = ([key]: HostName) => (keys.includes(key) ? keys.indexOf(key) : keys.length);
  return names.toSorted((a, b) => rank(a) - rank(b));
}

/** Returns the attributes of a resource without those that say which host, program or address sends them. */
export function withoutSender(attributes: Attributes, keys: readonly string[]): Attributes {
  const isSender = (key: string) => keys.includes(key) || ofReporter.test(key) || /^(?:host|server|url)\./.test(key);
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => !isSender(key)));
}

/** Returns a short text that is the same for the same attributes only. */
export function fingerprint(attributes: Attributes): string {
  return hash('sha256', attributesKey(attributes)).slice(0, 16);
}

/**
 * Returns the attributes of what a host used, without those of the pod, service or process that reports it. Its scenario is
 * the one that is stated, else the name of the host, else that of the reporter.
 */
export function hostAttributes(attributes: Attributes, names: readonly HostName[]): Attributes {
  const isContained = container.some((key) => textOf(attributes[key]) !== undefined);
  const kept = Object.entries(attributes).filter(
    ([key]) => !ofReporter.test(key) && !(isContained && key.startsWith('host.')),
  );
  const named = (key: string) => names.find(([one]) => one === key)?.[1];
  const own = names.find(([key]) => attributes[key] !== undefined)?.[1];
  const name = named('host.name') ?? named('k8s.node.name') ?? own;
  const scenario = textOf(attributes.scenario) ?? name ?? scenarioOf(attributes);
  return { ...Object.fromEntries(kept), ...(scenario !== undefined && { scenario }) };
}

/** Returns the attributes of what a resource used itself. Its scenario is its own, else its service, else its host. */
export function ownAttributes(attributes: Attributes): Attributes {
  const scenario = scenarioOf(attributes) ?? textOf(attributes['host.name']);
  return { ...attributes, ...(scenario !== undefined && { scenario }) };
}
