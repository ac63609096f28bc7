import type { Attributes } from '@opentelemetry/api';
import { isOfReading, labelsFrom, runLabelsOf } from 'wattline/figures';
import type { Run } from 'wattline/plugin';
import type { LabelSets, SeriesLabels } from './label-sets.ts';

/** The labels of a run's points: each point's own attributes, followed by those of the run. */
export class RunLabels {
  readonly #run: Attributes;
  readonly #sets: LabelSets;
  readonly #longest: number;
  /** The figures of a run share their attributes, whose labels are made once a run. */
  readonly #made = new Map<Attributes, SeriesLabels | undefined>();

  /** `resourceLabels` are the resource attributes that become labels too; no label has a longer value than that. */
  constructor(run: Run, resourceLabels: readonly string[], sets: LabelSets, longest: number, withTimes = false) {
    this.#sets = sets;
    this.#longest = longest;
    this.#run = runLabelsOf(run);
    // The time that is sent is not that of the run.
    if (withTimes && isOfReading(run)) this.#run = { ...this.#run, dated: 'false' };
    if (resourceLabels.length === 0) return;
    // Read only where needed, since a run makes its attributes on the first access.
    const { attributes } = run.resource;
    const chosen = resourceLabels.map((name) => [name, attributes[name]]);
    this.#run = { ...Object.fromEntries(chosen), ...this.#run };
  }

  /** Returns the labels of a number; undefined where one of them is too long. */
  of(attributes: Attributes): SeriesLabels | undefined {
    if (this.#made.has(attributes)) return this.#made.get(attributes);
    const labels = this.#make(attributes);
    this.#made.set(attributes, labels);
    return labels;
  }

  /** Returns the labels of a histogram, whose lines have their own `le`. */
  ofHistogram(attributes: Attributes): SeriesLabels | undefined {
    return this.#make(attributes, 'le');
  }

  #make(attributes: Attributes, reserved?: string): SeriesLabels | undefined {
    const labels = labelsFrom(withMissing(attributes, this.#run), reserved);
    for (const name in labels) if ((labels[name] as string).length > this.#longest) return undefined;
    return this.#sets.labelsOf(labels);
  }
}

/** Returns attributes followed by those of `more` that they lack. */
function withMissing(attributes: Attributes, more: Attributes): Attributes {
  if (attributes === more) return attributes;
  const missing = Object.keys(more).filter((name) => attributes[name] === undefined);
  if (missing.length === 0) return attributes;
  return { ...attributes, ...Object.fromEntries(missing.map((name) => [name, more[name]])) };
}
