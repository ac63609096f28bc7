import type { Attributes } from '@opentelemetry/api';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type Factor, factorAttributes } from './factor.ts';
import { RunFacts } from './run-facts.ts';

type Resource = ResourceMetrics['resource'];

/** What the names of the attributes that are the record of a factor begin with. */
const FACTOR = 'factor.';

/**
 * The resource of a run: what it says of itself, and the factors that its figures rest on. These read as attributes such
 * as `factor.price.value` too, which are put together for who asks: hardly any stage does.
 */
export class RunResource implements Resource {
  readonly #facts: RunFacts;
  readonly #factors: readonly Factor[];
  readonly schemaUrl?: string;
  #attributes: Attributes | undefined;

  constructor(facts: RunFacts, factors: readonly Factor[], schemaUrl?: string) {
    this.#facts = facts;
    this.#factors = factors;
    if (schemaUrl !== undefined) this.schemaUrl = schemaUrl;
  }

  /** What a resource of any kind says. */
  static factsOf(resource: Resource): RunFacts {
    return #facts in resource ? resource.#facts : new RunFacts(resource.attributes);
  }

  /** A resource of any kind with more attributes, which replace those of the same name, and more factors. */
  static extended(resource: Resource, attributes: Attributes | undefined, factors: readonly Factor[]): Resource {
    const facts = RunResource.factsOf(resource);
    const before = #facts in resource ? resource.#factors : [];
    if (!attributes) return new RunResource(facts, joined(before, factors), resource.schemaUrl);
    // A record that is changed by name is one of the attributes from then on.
    const isChanged = before.length > 0 && Object.keys(attributes).some((name) => name.startsWith(FACTOR));
    const own = new RunFacts(extendedBy(isChanged ? resource.attributes : facts.attributes, attributes));
    return new RunResource(own, isChanged ? factors : joined(before, factors), resource.schemaUrl);
  }

  get attributes(): Attributes {
    this.#attributes ??= this.#factors.length
      ? Object.assign({}, this.#facts.attributes, ...this.#factors.map(factorAttributes))
      : this.#facts.attributes;
    return this.#attributes as Attributes;
  }

  merge(other: Resource | null): Resource {
    return other ? RunResource.extended(this, other.attributes, []) : this;
  }

  getRawAttributes(): [string, Attributes[string]][] {
    return Object.entries(this.attributes);
  }
}

function joined(before: readonly Factor[], factors: readonly Factor[]): readonly Factor[] {
  if (before.length === 0) return factors;
  return factors.length ? before.concat(factors) : before;
}

/** What is null or undefined takes nothing away. */
function extendedBy(attributes: Attributes, more: Attributes): Attributes {
  const all = { ...attributes };
  for (const name of Object.keys(more)) all[name] = more[name] ?? all[name];
  return all;
}
