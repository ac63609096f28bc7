import type { Attributes } from '@opentelemetry/api';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { type Factor, factorAttributes } from './factor.ts';
import { RunFacts } from './run-facts.ts';

type Resource = ResourceMetrics['resource'];

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
    const before = #facts in resource ? resource.#factors : [];
    const all = before.length && factors.length ? before.concat(factors) : before.length ? before : factors;
    const facts = RunResource.factsOf(resource);
    const own = attributes ? new RunFacts({ ...facts.attributes, ...attributes }) : facts;
    return new RunResource(own, all, resource.schemaUrl);
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
