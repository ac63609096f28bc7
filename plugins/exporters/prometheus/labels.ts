import type { Attributes } from '@opentelemetry/api';
import { labelsFrom, runLabelsOf } from 'wattline/figures';
import type { Run } from 'wattline/plugin';
import type { LabelSets, SeriesLabels } from './label-sets.ts';

/** The labels of a run's points: each point's own attributes, followed by those of the run. */
export class RunLabels {
  readonly #run: Attributes;
  readonly #sets: LabelSets;
  /** The figures of a run share their attributes, whose labels are made once a run. */
  readonly #made = new Map<Attributes, SeriesLabels>();

  /** `resourceLabels` are the resource attributes that become labels too. */
  constructor(run: Run, resourceLabels: readonly string[], sets: LabelSets) {
    this.#sets = sets;
    this.#run = runLabelsOf(run);
    if (resourceLabels.length === 0) return;
    // Read only where needed, since a run makes its attributes on the first access.
    const { attributes } = run.resource;
    const chosen = resourceLabels.map((name) => [name, attributes[name]]);
    this.#run = { ...Object.fromEntries(chosen), ...this.#run };
  }

  /** Returns the labels of a number. */
  of(attributes: Attributes): SeriesLabels {
    let labels = this.#made.get(attributes);
    if (!labels) {
      labels = this.#make(attributes);
      this.#made.set(attributes, labels);
    }
    return labels;
  }

  /** Returns the labels of a histogram, whose lines have their own `le`. */
  ofHistogram(attributes: Attributes): SeriesLabels {
    return this.#make(attributes, 'le');
  }

  #make(attributes: Attributes, reserved?: string): SeriesLabels {
    return this.#sets.labelsOf(labelsFrom(withMissing(attributes, this.#run), reserved));
  }
}

/** Returns attributes followed by those of `more` that they lack. */
function withMissing(attributes: Attributes, more: Attributes): Attributes {
  if (attributes === more) return attributes;
  const missing = Object.keys(more).filter((name) => attributes[name] === undefined);
  if (missing.length === 0) return attributes;
  return { ...attributes, ...Object.fromEntries(missing.map((name) => [name, more[name]])) };
}
