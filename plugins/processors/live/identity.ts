import { hash } from 'node:crypto';
import type { Attributes } from '@opentelemetry/api';
import { attributesKey, scenarioOf } from 'wattline/plugin';

/** A short text that is the same for the same attributes only. */
export function fingerprint(attributes: Attributes): string {
  return hash('sha256', attributesKey(attributes)).slice(0, 16);
}

/** The machine that a resource is on, by what it says of it; a resource that says nothing is a machine of its own. */
export function hostOf(attributes: Attributes): string {
  return namedHost(attributes) ?? fingerprint(attributes);
}

/** The machine that a resource says it is on; undefined where it says nothing. */
export function namedHost(attributes: Attributes): string | undefined {
  for (const name of ['host.id', 'host.name', 'k8s.node.name', 'server.address']) {
    const value = attributes[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return /^(.+):\d+$/.exec(String(attributes['service.instance.id'] ?? ''))?.[1];
}

/** The scenario of what a resource measures: its own, else its service, else its host. */
export function liveScenario(attributes: Attributes): string | undefined {
  const host = attributes['host.name'];
  return scenarioOf(attributes) ?? (typeof host === 'string' && host !== '' ? host : undefined);
}
