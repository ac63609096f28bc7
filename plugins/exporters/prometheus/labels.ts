import type { Attributes } from '@opentelemetry/api';
import { labelsFrom, runLabelsOf } from 'wattline/figures';
import type { Run } from 'wattline/plugin';
import { labelText } from './exposition-text.ts';
import type { LabelOrders } from './label-orders.ts';
import type { LabelSet, LabelSets } from './label-sets.ts';

/** The labels of a series as text. */
export interface SeriesLabels {
  /** As they stand in its line. */
  readonly text: string;
  /** Of the same labels it is the same, in whatever order they come. */
  readonly set: LabelSet;
}

/** What is known of the labels of all series. */
export interface KnownLabels {
  readonly orders: LabelOrders;
  readonly sets: LabelSets;
}

/** The labels of a run's points: each point's own attributes, and behind them those of the run. */
export class RunLabels {
  readonly #run: Attributes;
  readonly #known: KnownLabels;
  /** The figures of a run share their attributes: what costs most is done once a run. */
  readonly #made = new Map<Attributes, SeriesLabels>();

  /** `resourceLabels` are the resource attributes that become labels too. */
  constructor(run: Run, resourceLabels: readonly string[], known: KnownLabels) {
    this.#known = known;
    this.#run = runLabelsOf(run);
    if (resourceLabels.length === 0) return;
    // Only now, since a run puts its attributes together for who asks.
    const { attributes } = run.resource;
    const chosen = resourceLabels.map((name) => [name, attributes[name]]);
    this.#run = { ...Object.fromEntries(chosen), ...this.#run };
  }

  of(attributes: Attributes): SeriesLabels {
    let labels = this.#made.get(attributes);
    if (!labels) {
      labels = this.#make(attributes);
      this.#made.set(attributes, labels);
    }
    return labels;
  }

  /** The same for a histogram, whose lines have an `le` of their own. */
  ofHistogram(attributes: Attributes): SeriesLabels {
    return this.#make(attributes, 'le');
  }

  #make(attributes: Attributes, reserved?: string): SeriesLabels {
    const labels = labelsFrom(behind(attributes, this.#run), reserved);
    const names = Object.keys(labels);
    const order = this.#known.orders.of(names);
    const text = labelText(Object.entries(labels));
    const key = order === names ? text : labelText(order.map((name) => [name, labels[name] as string]));
    return { text, set: this.#known.sets.of(key) };
  }
}

/** Attributes with more of them behind, which replace none. */
function behind(attributes: Attributes, more: Attributes): Attributes {
  if (attributes === more) return attributes;
  const others = Object.keys(more).filter((name) => attributes[name] === undefined);
  if (others.length === 0) return attributes;
  return { ...attributes, ...Object.fromEntries(others.map((name) => [name, more[name]])) };
}
