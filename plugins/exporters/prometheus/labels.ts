import type { Attributes } from '@opentelemetry/api';
import { type Batch, labelsFrom, runLabelsOf } from 'wattline/plugin';
import { labelText } from './exposition-text.ts';

/** The labels of a series. */
export interface Labels {
  /** As they stand in its line. */
  readonly text: string;
  /** Their text in the order of the names, by which the series is known. */
  readonly key: string;
}

/** The labels of a batch's points: each point's own attributes, and behind them those of the run. */
export class BatchLabels {
  readonly #run: Attributes;
  /** The figures of a run share their attributes: what is asked for once a point is made once a run. */
  readonly #made = new Map<Attributes, Labels>();

  /** `resourceLabels` are the resource attributes that become labels too. */
  constructor(batch: Batch, resourceLabels: readonly string[]) {
    this.#run = runLabelsOf(batch);
    if (resourceLabels.length === 0) return;
    // Only now, since a run puts its attributes together for who asks.
    const { attributes } = batch.resource;
    const chosen = resourceLabels.map((name) => [name, attributes[name]]);
    this.#run = { ...Object.fromEntries(chosen), ...this.#run };
  }

  of(attributes: Attributes): Labels {
    let labels = this.#made.get(attributes);
    if (!labels) {
      labels = this.#make(attributes);
      this.#made.set(attributes, labels);
    }
    return labels;
  }

  /** The same for a histogram, where `le` is taken. */
  ofHistogram(attributes: Attributes): Labels {
    return this.#make(attributes, 'le');
  }

  #make(attributes: Attributes, reserved?: string): Labels {
    const labels = Object.entries(labelsFrom(behind(attributes, this.#run), reserved));
    const text = labelText(labels);
    const key = labelText(labels.sort(([a], [b]) => (a < b ? -1 : 1)));
    return { text, key: key === text ? text : key };
  }
}

/** Attributes with more of them behind, which replace none. */
function behind(attributes: Attributes, more: Attributes): Attributes {
  const others = Object.entries(more).filter(([name]) => attributes[name] === undefined);
  return others.length ? { ...attributes, ...Object.fromEntries(others) } : attributes;
}
