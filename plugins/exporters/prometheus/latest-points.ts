import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Attributes, HrTime } from '@opentelemetry/api';
import { type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import {
  describeRun,
  type FigureDefinition,
  isRun,
  isSignal,
  type Run,
  type Samples,
  type Skipped,
} from 'wattline/plugin';
import { exposedName, headText, seriesNames, seriesNamesOf, typeOf, type Value } from './exposition-text.ts';
import { type Flaw, flawOf } from './flaws.ts';
import { gaugeOf } from './gauge-of.ts';
import { LabelSets, type SeriesLabels } from './label-sets.ts';
import { RunLabels } from './labels.ts';
import { senderOf } from './sender-of.ts';
import { type NoPlace, type SeriesRoom, SeriesTable } from './series-table.ts';
import { TextBlock } from './text-block.ts';

/** How many series are written at once: a piece is written again when one of its series changes. */
const NUMBERS_PER_PIECE = 2048;
const HISTOGRAMS_PER_PIECE = 128;
/** The number of full pieces that are written before other work gets its turn: about 2 ms. */
const PIECES_PER_TURN = 2;
/** The number of points, or of metrics, that are added before other work may get its turn. */
const POINTS_PER_TURN = 2048;

/** Why a point is not exposed. */
type Reason = NoPlace | 'label_too_long';

interface Family {
  readonly name: string;
  readonly type: string;
  /** The lines before all points. */
  readonly head: TextBlock;
  /** The names of its metrics, where they are gauges. */
  readonly gauges: Set<string>;
  table: SeriesTable;
}

/** The options of the latest points. */
export interface LatestPointsOptions {
  /** Resource attributes that become labels beside each point's own attributes. */
  readonly resourceLabels: readonly string[];
  /** Whether the last sample of each measured signal is exposed too. */
  readonly includeSamples: boolean;
  /** Milliseconds after which a series without a new point is dropped; 0 is never. */
  readonly expiration: number;
  /** Whether each series has the time at which its point ended. */
  readonly withTimes: boolean;
  /** How many series there may be. */
  readonly seriesLimit: number;
  /** How many characters the value of a label may have. */
  readonly labelValueLengthLimit: number;
  /** Called with each metric that cannot be exposed. */
  skip(skipped: Skipped): void;
}

/** The owner of the names of Wattline's own metrics. */
const OWN = 'Wattline itself';

/** The latest point of every series, and their text: of two points with the same labels, the one that ended later. */
export class LatestPoints {
  readonly #families = new Map<string, Family>();
  /** The families of gauges by the names of their metrics. */
  readonly #gauges = new Map<string, Family>();
  /** The owner of each series name: a family, which has several where it is a histogram, or Wattline itself. */
  readonly #owners = new Map<string, string>();
  readonly #labelSets = new LabelSets();
  readonly #options: LatestPointsOptions;
  readonly #room: SeriesRoom;

  constructor(options: LatestPointsOptions) {
    this.#options = options;
    this.#room = { limit: options.seriesLimit, taken: 0 };
  }

  /** How many series are exposed. */
  get size(): number {
    return this.#room.taken;
  }

  /** How many families have series. */
  get families(): number {
    return this.#families.size;
  }

  /** Adds the points of a run at the time `now` in milliseconds. */
  add(run: Run, now: number): void {
    for (const _ of this.addInParts(run, now));
  }

  /** Does the same, and yields after each few thousand points, so that other work may have its turn. */
  *addInParts(run: Run, now: number): Generator<void> {
    const { resourceLabels, includeSamples, labelValueLengthLimit, withTimes } = this.#options;
    const labels = new RunLabels(run, resourceLabels, this.#labelSets, labelValueLengthLimit, withTimes);
    // Of runs with the same labels the latest is shown; of services it would be any.
    const sender = isRun(run) || run.metrics.length === 0 ? undefined : senderOf(run);
    for (const { metrics } of run.metrics) {
      for (const [index, metric] of metrics.entries()) {
        if (index % POINTS_PER_TURN === POINTS_PER_TURN - 1) yield;
        if (!includeSamples && isSignal(metric)) continue;
        const points = metric.dataPoints as readonly DataPoint<Value>[];
        let reason: Reason | undefined;
        for (let first = 0; first < points.length; first += POINTS_PER_TURN) {
          if (first > 0) yield;
          // Others may have dropped it or its table meanwhile.
          const family = this.#family(metric);
          if (!family) break;
          const some = points.length > POINTS_PER_TURN ? points.slice(first, first + POINTS_PER_TURN) : points;
          reason = addPoints(family.table, metric, some, labels, now, sender) ?? reason;
          this.#forgetEmpty(family);
        }
        if (reason) this.#refuse(metric.descriptor.name, this.#flawOf(reason, run));
      }
    }
    if (includeSamples) for (const samples of run.samples) this.#addLast(samples, run, labels, now);
    for (const figure of run.figures) {
      const { definition, value } = figure;
      this.#put(definition, labels.of(run.labelsOf(figure)), value, run.window.end, run, now);
    }
  }

  /** Adds the last sample of a signal. */
  #addLast({ signal, series }: Samples, run: Run, labels: RunLabels, now: number): void {
    const last = series.length - 1;
    if (last < 0) return;
    this.#put(signal, labels.of(NONE), series.at(last), series.time(last), run, now);
  }

  #put(
    definition: FigureDefinition,
    labels: SeriesLabels | undefined,
    value: number,
    time: HrTime,
    run: Run,
    now: number,
  ): void {
    const family = this.#gauge(definition);
    if (!family) return;
    const reason = labels ? family.table.put(labels, value, time, now) : 'label_too_long';
    this.#forgetEmpty(family);
    if (reason) this.#refuse(definition.name, this.#flawOf(reason, run));
  }

  /** Says why points of a run have no place. */
  #flawOf(reason: Reason, run?: Run): Flaw {
    const { labelValueLengthLimit, seriesLimit } = this.#options;
    switch (reason) {
      case 'ambiguous_series': {
        const remedy = 'name attributes that tell them apart in `resource_labels`';
        return [reason, `another resource with the labels of ${describeRun(run ?? {})} has the same series; ${remedy}`];
      }
      case 'series_limit': {
        const remedy = 'raise it, or drop labels that have many values';
        return [reason, `there are ${seriesLimit} series, as many as \`series_limit\` allows; ${remedy}`];
      }
      case 'label_too_long': {
        const problem = `a label of it is longer than the ${labelValueLengthLimit} characters of`;
        return [reason, `${problem} \`label_value_length_limit\``];
      }
    }
  }

  /** Reserves the series names of these metrics; a family that has one of them is dropped. */
  reserve(metrics: readonly MetricData[]): void {
    for (const metric of metrics) {
      for (const series of seriesNames(exposedName(metric), metric)) {
        const owner = this.#owners.get(series);
        if (owner === OWN) continue;
        this.#owners.set(series, OWN);
        const family = owner === undefined ? undefined : this.#families.get(owner);
        if (!family) continue;
        this.#families.delete(owner as string);
        family.table.clear();
        this.#gauges.clear();
        this.#refuse(family.name, ['name_conflict', `${OWN} has the series ${series}`]);
      }
    }
  }

  /**
   * Returns the text of all series that have not expired at `now`, family by family. Pieces without a change are those of
   * the last call. Other work gets its turn meanwhile; a point that is added then is in this text or in the next one.
   */
  async pieces(now: number): Promise<TextBlock[]> {
    const all: TextBlock[] = [];
    let written = 0;
    for (const family of this.#families.values()) {
      const { table } = family;
      // Pieces that are added meanwhile are left to the next call.
      const { pieceCount } = table;
      const pieces: TextBlock[] = [];
      for (let index = 0; index < pieceCount; index++) {
        table.expire(index, now);
        let piece = table.kept(index);
        if (!piece) {
          piece = table.write(index);
          written += table.fullness(index);
        }
        if (piece) pieces.push(piece);
        if (written < PIECES_PER_TURN) continue;
        await nextTurn();
        written = 0;
      }
      family.table = family.table.compacted();
      this.#forgetEmpty(family);
      // The name of the family may have been reserved meanwhile.
      if (pieces.length && this.#families.get(family.name) === family) all.push(family.head, ...pieces);
    }
    return all;
  }

  /** Returns the family of figures or samples; makes a metric of their definition only where the family is unknown. */
  #gauge(definition: FigureDefinition): Family | undefined {
    return this.#gauges.get(definition.name) ?? this.#family(gaugeOf(definition));
  }

  /** Returns the family of a metric; undefined where it cannot be exposed, which is counted. */
  #family(metric: MetricData): Family | undefined {
    const isGauge = metric.dataPointType === DataPointType.GAUGE;
    const before = isGauge ? this.#gauges.get(metric.descriptor.name) : undefined;
    if (before) return before;
    const name = exposedName(metric);
    const known = this.#families.get(name);
    if (!known && this.#room.taken >= this.#room.limit)
      return this.#refuse(metric.descriptor.name, this.#flawOf('series_limit'));
    const flaw = flawOf(metric, known?.type) ?? (known ? undefined : this.#claim(name, metric));
    if (flaw) return this.#refuse(metric.descriptor.name, flaw);
    const family = known ?? this.#createFamily(name, metric);
    this.#families.set(name, family);
    if (isGauge) {
      this.#gauges.set(metric.descriptor.name, family);
      family.gauges.add(metric.descriptor.name);
    }
    return family;
  }

  /** Drops a family without a series, of which nothing is exposed and the names of which others may have. */
  #forgetEmpty(family: Family): void {
    const { name, table } = family;
    if (!table.isEmpty || this.#families.get(name) !== family) return;
    this.#families.delete(name);
    for (const series of seriesNamesOf(name, family.type)) {
      if (this.#owners.get(series) === name) this.#owners.delete(series);
    }
    for (const gauge of family.gauges) this.#gauges.delete(gauge);
  }

  #createFamily(name: string, metric: MetricData): Family {
    const { withTimes, expiration } = this.#options;
    const { description, unit } = metric.descriptor;
    const type = typeOf(metric);
    const head = new TextBlock(headText(name, type, description, unit));
    const seriesPerPiece = type === 'histogram' ? HISTOGRAMS_PER_PIECE : NUMBERS_PER_PIECE;
    const options = { sets: this.#labelSets, name, withTimes, seriesPerPiece, expiration, room: this.#room };
    return { name, type, head, gauges: new Set(), table: new SeriesTable(options) };
  }

  /** Claims the names of a new family; returns the reason where another family has one of them. */
  #claim(name: string, metric: MetricData): Flaw | undefined {
    const names = seriesNames(name, metric);
    const taken = names.find((series) => this.#owners.has(series) && this.#owners.get(series) !== name);
    if (taken !== undefined) return ['name_conflict', `${this.#owners.get(taken)} has the series ${taken}`];
    for (const series of names) this.#owners.set(series, name);
    return undefined;
  }

  #refuse(name: string, [reason, problem]: Flaw): undefined {
    this.#options.skip({ item: 'metric', reason, message: `\`${name}\` is not exposed: ${problem}` });
  }
}

/** The attributes of samples beside the labels of their run. */
const NONE: Attributes = Object.freeze({});

/** Adds points of a metric; returns why one of them has no place, if one has none. */
function addPoints(
  table: SeriesTable,
  metric: MetricData,
  points: readonly DataPoint<Value>[],
  labels: RunLabels,
  now: number,
  sender?: string,
): Reason | undefined {
  const isHistogram = metric.dataPointType === DataPointType.HISTOGRAM;
  let reason: Reason | undefined;
  for (const { attributes, value, endTime } of points) {
    const series = isHistogram ? labels.ofHistogram(attributes) : labels.of(attributes);
    reason = (series ? table.put(series, value, endTime, now, sender) : 'label_too_long') ?? reason;
  }
  return reason;
}
