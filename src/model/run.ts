import type { Attributes } from '@opentelemetry/api';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ResourceMetrics, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { peerOf } from './addresses.ts';
import { figureLabels, isWithin, withLabels, withoutGaps } from './attributes.ts';
import { withRecords } from './factor.ts';
import type { Figure } from './figure.ts';
import { MadeOfRun } from './made-of-run.ts';
import type { PowerLabel } from './power-kind.ts';
import { factsIn, hasOtherPoints, type RunFacts } from './run-facts.ts';
import { countPoints, scopesOfFigures, scopesOfSamples } from './run-metrics.ts';
import type { Labels, ResourceMetricsLike, RunAdditions, RunWindow } from './run-parts.ts';
import { durationOf, lengthOf, spanOfSamples, windowOf } from './run-window.ts';
import { type Samples, type Signal, samplesIn } from './signals.ts';

/** Returns the attributes of a run. */
export type AttributeSource = (run: Run) => Attributes;

const NONE: readonly never[] = Object.freeze([]);

/**
 * One measured run, or what came of one resource: who it was and when, its samples and its figures. Stages share it, and
 * nobody edits it. It has the SDK's shape too, as `resource` and `scopeMetrics`, which are made for whoever asks.
 */
export class Run implements ResourceMetrics, RunFacts {
  readonly scenario: string | undefined;
  readonly region: string | undefined;
  readonly bitrate: string | undefined;
  readonly encoder: string | undefined;
  readonly power: PowerLabel | undefined;
  readonly cpu: 'predicted' | undefined;
  readonly extrapolated: 'true' | undefined;
  readonly streams: number | undefined;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  readonly statedDuration: number | undefined;
  readonly readTime: number | undefined;
  readonly pue: number | undefined;
  readonly restated: number | undefined;
  readonly namesCloud: boolean;
  readonly saysSampling: boolean;
  readonly isSlice: boolean;
  readonly peer: string | undefined;
  readonly replayed: boolean;
  /** Its samples, but for those that came in `metrics`; `samplesOf` finds both. */
  readonly samples: readonly Samples[];
  readonly figures: readonly Figure[];
  /** What came in the SDK's shape. */
  readonly metrics: readonly ScopeMetrics[];
  readonly schemaUrl: string | undefined;
  /** How many data points it has in the SDK's shape; every stage counts them. */
  readonly pointCount: number;
  #attributes: Attributes | undefined;
  /** Knows the attributes where nobody has asked for them yet. */
  readonly #source: AttributeSource | undefined;
  /** What was made for those who asked. */
  #made: MadeOfRun | undefined;

  private constructor(
    facts: RunFacts,
    attributes: Attributes | undefined,
    source: AttributeSource | undefined,
    samples: readonly Samples[],
    figures: readonly Figure[],
    metrics: readonly ScopeMetrics[],
    schemaUrl: string | undefined,
    pointCount = countPoints(samples, figures, metrics),
  ) {
    this.scenario = facts.scenario;
    this.region = facts.region;
    this.bitrate = facts.bitrate;
    this.encoder = facts.encoder;
    this.power = facts.power;
    this.cpu = facts.cpu;
    this.extrapolated = facts.extrapolated;
    this.streams = facts.streams;
    this.startTime = facts.startTime;
    this.endTime = facts.endTime;
    this.statedDuration = facts.statedDuration;
    this.readTime = facts.readTime;
    this.pue = facts.pue;
    this.restated = facts.restated;
    this.namesCloud = facts.namesCloud;
    this.saysSampling = facts.saysSampling;
    this.isSlice = facts.isSlice;
    this.peer = facts.peer;
    this.replayed = facts.replayed === true;
    this.samples = samples;
    this.figures = figures;
    this.metrics = metrics;
    this.schemaUrl = schemaUrl;
    this.pointCount = pointCount;
    this.#attributes = attributes;
    this.#source = source;
    this.#made = undefined;
  }

  /** Returns the run that metrics of the SDK's shape are, which came from an address; one that is a run already is the same. */
  static from(given: ResourceMetricsLike, address?: string): Run {
    if (given instanceof Run) return given;
    const { attributes, schemaUrl } = given.resource;
    const known = withoutGaps(attributes);
    return new Run(
      factsIn(known, { peer: peerOf(address) }),
      known,
      undefined,
      NONE,
      NONE,
      given.scopeMetrics,
      schemaUrl,
    );
  }

  /** Returns a run with these attributes. */
  static of(attributes: Attributes, { samples = NONE, figures = NONE, metrics = NONE }: RunAdditions = {}): Run {
    const known = withoutGaps(attributes);
    return new Run(factsIn(known), known, undefined, samples, figures, metrics, undefined);
  }

  /** Returns a run whose reader knows what it says; its attributes are made when somebody asks for them. */
  static read(facts: RunFacts, source: AttributeSource, samples: readonly Samples[]): Run {
    return new Run(facts, undefined, source, samples, NONE, NONE, undefined);
  }

  /** What it says of itself, without the records of the factors that its figures rest on. */
  get attributes(): Attributes {
    this.#attributes ??= this.#source?.(this) ?? {};
    return this.#attributes;
  }

  /** Its duration in seconds, above 0: the one that it states, else that of its window; undefined where neither is known. */
  get duration(): number | undefined {
    return durationOf(this) ?? lengthOf(this.window);
  }

  /** Whether it says when it was: by a start, an end or the times of its samples. */
  get isDated(): boolean {
    if (this.startTime !== undefined || this.endTime !== undefined) return true;
    return this.readTime === undefined && spanOfSamples(this) !== undefined;
  }

  /** When it began and ended, as `timeSpanOf` says; one that is not dated ended when it was read. */
  get window(): RunWindow {
    const made = this.#making();
    made.window ??= windowOf(this);
    return made.window;
  }

  /** The labels of its figures: who it was, as far as that is known. */
  get labels(): Labels {
    const made = this.#making();
    made.labels ??= this.#makeLabels();
    return made.labels;
  }

  /** The attributes and, among them, the record of each factor that a figure rests on, such as `factor.price.value`. */
  get resource(): ResourceMetrics['resource'] {
    return resourceFromAttributes(
      this.#withFactors(),
      this.schemaUrl === undefined ? {} : { schemaUrl: this.schemaUrl },
    );
  }

  get scopeMetrics(): ScopeMetrics[] {
    return [...this.metrics, ...scopesOfSamples(this.samples), ...this.#figureScopes()];
  }

  /** Returns the samples of a signal, whatever the shape that they came in; undefined where there are none. */
  samplesOf(signal: Signal): Samples | undefined {
    for (const one of this.samples) if (one.signal === signal && one.series.length) return one;
    if (this.metrics.length === 0) return undefined;
    const made = this.#making();
    made.converted ??= samplesIn(this.metrics);
    return made.converted.find((one) => one.signal === signal);
  }

  /** Returns the labels of a figure; figures that add the same to those of the run share one object. */
  labelsOf({ labels: added }: Pick<Figure, 'labels'>): Labels {
    const { labels } = this;
    // Mostly it is the region that the run names.
    if (!added || isWithin(added, labels)) return labels;
    const made = this.#making();
    if (
      !made.withAdded ||
      (added !== made.added &&
        !(isWithin(added, made.added as Attributes) && isWithin(made.added as Attributes, added)))
    ) {
      made.withAdded = withLabels(labels, added);
    }
    made.added = added;
    return made.withAdded;
  }

  /**
   * Returns the same run with more; what it had is shared, not copied, and the figures among it keep the labels and times
   * that they were made with.
   */
  with({ samples, figures, metrics, attributes }: RunAdditions): Run {
    const all = attributes && { ...this.attributes, ...withoutGaps(attributes) };
    const facts = all ? factsIn(all, this) : this;
    if (this.figures.length > 0 && hasOtherPoints(facts, this)) {
      return this.withAttributes(this.#withFactors()).with({ samples, figures, metrics, attributes });
    }
    const run = new Run(
      facts,
      all ?? this.#attributes,
      all ? undefined : this.#source,
      joined(this.samples, samples),
      joined(this.figures, figures),
      joined(this.metrics, metrics),
      this.schemaUrl,
      this.pointCount + countPoints(samples ?? NONE, figures ?? NONE, metrics ?? NONE),
    );
    const converted = metrics?.length ? undefined : this.#made?.converted;
    if (converted) run.#making().converted = converted;
    return run;
  }

  /**
   * Returns the same run with these attributes in place of its own and of the records of its factors. The figures that it
   * has keep the labels that they were made with.
   */
  withAttributes(attributes: Attributes): Run {
    const known = withoutGaps(attributes);
    const metrics = joined(this.metrics, this.#figureScopes());
    return new Run(factsIn(known, this), known, undefined, this.samples, NONE, metrics, this.schemaUrl);
  }

  /** Returns the same run without the samples of these signals. */
  withoutSamples(signals: readonly Signal[]): Run {
    const names = new Set(signals.flatMap(({ name, field }) => [name, field]));
    const samples = this.samples.filter(({ signal }) => !signals.includes(signal));
    const metrics = this.metrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.filter(({ descriptor }) => !names.has(descriptor.name)),
    }));
    return new Run(this, this.#attributes, this.#source, samples, this.figures, metrics, this.schemaUrl);
  }

  /** Returns the same run as one that its receiver hands over again after a restart. */
  asReplayed(): Run {
    const { samples, figures, metrics, schemaUrl, pointCount } = this;
    const facts = { ...this, replayed: true };
    return new Run(facts, this.#attributes, this.#source, samples, figures, metrics, schemaUrl, pointCount);
  }

  /** Returns the same run with nothing but what it says of itself. */
  bare(): Run {
    return new Run(this, this.#attributes, this.#source, NONE, NONE, NONE, this.schemaUrl);
  }

  /** Returns what it holds as plain data of the SDK's shape, of which `Run.from` makes the same figures again. */
  toResourceMetrics(): ResourceMetricsLike {
    const { schemaUrl } = this;
    const resource = { attributes: this.#withFactors(), ...(schemaUrl !== undefined && { schemaUrl }) };
    return { resource, scopeMetrics: this.scopeMetrics };
  }

  toJSON(): ResourceMetricsLike {
    return this.toResourceMetrics();
  }

  #making(): MadeOfRun {
    this.#made ??= new MadeOfRun();
    return this.#made;
  }

  #figureScopes(): ScopeMetrics[] {
    if (this.figures.length === 0) return [];
    const { start, end } = this.window;
    return scopesOfFigures(this.figures, (figure) => {
      return { startTime: start, endTime: end, value: figure.value, attributes: this.labelsOf(figure) };
    });
  }

  #withFactors(): Attributes {
    return withRecords(
      this.attributes,
      this.figures.flatMap(({ factor }) => factor ?? []),
    );
  }

  #makeLabels(): Labels {
    const labels: Record<string, string> = {};
    for (const name of figureLabels) {
      const value = this[name];
      if (value !== undefined) labels[name] = value;
    }
    return labels;
  }
}

function joined<T>(some: readonly T[], more: readonly T[] | undefined): readonly T[] {
  if (!more?.length) return some;
  return some.length ? [...some, ...more] : more;
}
