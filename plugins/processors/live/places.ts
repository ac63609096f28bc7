import type { Attributes } from '@opentelemetry/api';
import { type Boundary, type LabelReader, labelsIn, type Meaning, sourceOf } from 'wattline/figures';
import { labelling } from './groups.ts';

/** What the attributes of a point say of its meter. */
export interface Place {
  readonly role: 'counts' | 'no_use' | 'a_sum';
  /** Undefined where its labels name one that is not known. */
  readonly boundary: Boundary | undefined;
  /** What tells its meter from others of the same metric and boundary; undefined where it does not count. */
  readonly source: string | undefined;
  /** What of its labels keeps it apart from counters of the metric that are labelled in other ways. */
  readonly labelled: string;
  /** How many CPUs there must be; undefined where it names none. */
  readonly cores: number | undefined;
}

/** Returns the place of a point with such attributes. */
export type PlaceOf = (meaning: Meaning, attributes: Attributes) => Place;

/** `3` or `cpu3`. */
const cpuNumber = /^(?:cpu)?(\d+)$/;
const MOST_PLACES = 20_000;

/** Reads the place of a point from its attributes. */
export const placeOf: PlaceOf = (meaning, attributes) => {
  const labels = labelsIn(attributes);
  const role = meaning.role?.(labels) ?? 'counts';
  const boundary = typeof meaning.boundary === 'string' ? meaning.boundary : meaning.boundary(labels);
  const source = role === 'counts' && boundary !== undefined ? sourceOf(meaning, attributes) : undefined;
  return {
    role,
    boundary,
    source,
    labelled: source === undefined ? '' : labelling(meaning, source, labels),
    cores: boundary === 'system' ? coresIn(labels) : undefined,
  };
};

/** The CPUs of a host are numbered from 0. */
function coresIn(labels: LabelReader): number | undefined {
  const number = cpuNumber.exec(labels('cpu.logical_number') ?? labels('cpu') ?? '')?.[1];
  return number === undefined ? undefined : Number(number) + 1;
}

/**
 * Knows the places of attributes that come again as the same object, so that they are not read for each point: reading them
 * takes most of what a point costs in `live`. Only frozen attributes are kept, which are short and nobody changes.
 */
export class Places {
  readonly #known = new Map<Meaning, Map<Attributes, Place>>();
  readonly #most: number;
  #size = 0;

  /** Keeps at most so many. */
  constructor(most = MOST_PLACES) {
    this.#most = most;
  }

  /** The same as `placeOf`. */
  readonly of: PlaceOf = (meaning, attributes) => {
    const known = this.#known.get(meaning)?.get(attributes);
    if (known) return known;
    const place = placeOf(meaning, attributes);
    if (Object.isFrozen(attributes)) this.#keep(meaning, attributes, place);
    return place;
  };

  #keep(meaning: Meaning, attributes: Attributes, place: Place): void {
    if (this.#size === this.#most) {
      this.#known.clear();
      this.#size = 0;
    }
    this.#size++;
    const places = this.#known.get(meaning) ?? new Map<Attributes, Place>();
    this.#known.set(meaning, places.set(attributes, place));
  }
}
