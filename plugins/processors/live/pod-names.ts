import type { Attributes } from '@opentelemetry/api';
import type { Ledger } from './feeds.ts';
import type { Inside } from './pods.ts';

/** The name of a pod or container among the places that a resource is in; ids have no slash. */
const named = /^(?:pod|container) (?<namespace>[^/ ]*)\/(?<pod>[^/ ]+)(?: (?<container>.+))?$/;

/**
 * What the pods and containers of a host are called, by all that its resources know them by: one may say the id of its
 * container alone, of which another says the name.
 */
export class PodNames {
  readonly #ledger: Pick<Ledger, 'feeds'>;
  #known: ReadonlyMap<string, Attributes> | undefined;

  constructor(ledger: Pick<Ledger, 'feeds'>) {
    this.#ledger = ledger;
  }

  /** Returns the attributes that name the container, else the pod, that a resource is in; none where nobody names it. */
  of(inside: Inside): Attributes {
    this.#known ??= this.#read();
    for (const place of inside) {
      const names = this.#known.get(place);
      if (names) return names;
    }
    return {};
  }

  #read(): Map<string, Attributes> {
    const known = new Map<string, Attributes>();
    for (const { inside = [] } of Object.values(this.#ledger.feeds)) {
      for (const kind of ['container ', 'pod ']) {
        const places = inside.filter((place) => place.startsWith(kind));
        const names = places.map((place) => named.exec(place)?.groups).find((groups) => groups !== undefined);
        if (names) for (const place of places) known.set(place, attributesOf(names));
      }
    }
    return known;
  }
}

function attributesOf({ namespace, pod, container }: Readonly<Record<string, string | undefined>>): Attributes {
  return {
    ...(namespace && { 'k8s.namespace.name': namespace }),
    'k8s.pod.name': pod,
    ...(container && { 'k8s.container.name': container }),
  };
}
