import type { Attributes } from '@opentelemetry/api';
import { scenarioOf } from 'wattline/plugin';
import { textOf } from './attribute-text.ts';
import { fingerprint, type HostName, hostAttributes, type Identity, identityOf } from './identity.ts';
import type { PodNames } from './pod-names.ts';
import { type Inside, insideOf, namesContainer } from './pods.ts';
import { type ProcessName, processIn } from './subjects.ts';
import { attributesAt, type Level } from './workloads.ts';

/** What the attributes of a resource say of who it is. */
export class Resource {
  /** What tells it from others. */
  readonly id: string;
  readonly identity: Identity;
  readonly inside: Inside;
  readonly process: ProcessName | undefined;
  /** How to name it in messages. */
  readonly who: string;
  readonly #own: Attributes;
  readonly #ownWith: (names: Attributes) => Attributes;
  readonly #lacksNames: boolean;
  readonly #attributes: Attributes;
  #ofHost: { readonly names: readonly HostName[]; readonly attributes: Attributes } | undefined;

  /**
   * Hosts are named by the attributes `keys`, the strongest first; what it used itself is its workload's at a level. What
   * another resource reports is on the host of that sender.
   */
  constructor(attributes: Attributes, keys: readonly string[], level: Level = 'host', sender = attributes) {
    this.id = fingerprint(attributes);
    this.identity = identityOf(sender, keys);
    this.inside = insideOf(attributes);
    this.process = processIn(attributes);
    this.who = nameOf(scenarioOf(attributes), this.identity);
    this.#ownWith = (names) => attributesAt({ ...names, ...attributes }, level, this.identity.names, sender);
    this.#own = attributesAt(attributes, level, this.identity.names, sender);
    this.#lacksNames = level !== 'host' && lacksNames(attributes, this.inside);
    this.#attributes = attributes;
  }

  /** Returns the attributes of the slices of what it used itself, with the names that others know its pod and container by. */
  ownBy(podNames: PodNames): Attributes {
    return this.#lacksNames ? this.#ownWith(podNames.of(this.inside)) : this.#own;
  }

  /** Returns the attributes of the slices of what its host used, which has these names: the same object for the same names. */
  ofHost(names: readonly HostName[]): Attributes {
    if (this.#ofHost?.names !== names) this.#ofHost = { names, attributes: hostAttributes(this.#attributes, names) };
    return this.#ofHost.attributes;
  }
}

/** Keeps what it has read of attributes that come again as the same object: those are frozen. */
export class Resources {
  readonly #known = new WeakMap<Attributes, Resource>();
  readonly #keys: readonly string[];
  readonly #level: Level;

  constructor(keys: readonly string[], level: Level) {
    this.#keys = keys;
    this.#level = level;
  }

  /** Returns the resource that has such attributes, which itself or another has sent. */
  of(attributes: Attributes, sender = attributes): Resource {
    const known = this.#known.get(attributes);
    if (known) return known;
    const resource = new Resource(attributes, this.#keys, this.#level, sender);
    if (Object.isFrozen(attributes)) this.#known.set(attributes, resource);
    return resource;
  }
}

/** Whether a resource is in a pod or container of which it does not say the name. */
function lacksNames(attributes: Attributes, inside: Inside): boolean {
  const isNamed = (key: string) => textOf(attributes[key]) !== undefined;
  return inside.length > 0 && !(isNamed('k8s.pod.name') && (isNamed('k8s.container.name') || !namesContainer(inside)));
}

function nameOf(scenario: string | undefined, { names: [name] }: Identity): string {
  const host = name?.[1];
  if (scenario === undefined) return host ?? 'a resource without a name';
  return host === undefined || host === scenario ? scenario : `${scenario} on ${host}`;
}
