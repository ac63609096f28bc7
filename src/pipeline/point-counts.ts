import type { Attributes, Meter } from '@opentelemetry/api';
import type { Outcome, Run } from '../plugin/index.ts';
import type { StageHealth } from './stage-health.ts';

/** The Collector's counters of data points, by kind of component: their names, and what they count. */
const counters = {
  receiver: {
    otelcol_receiver_accepted_metric_points: 'Data points that went through the pipeline',
    otelcol_receiver_failed_metric_points: 'Data points that the pipeline rejected for good',
    otelcol_receiver_refused_metric_points: 'Data points that the pipeline could not take for now',
  },
  processor: {
    otelcol_processor_incoming_items: 'Data points that a processor was given, by processor and pipeline',
    otelcol_processor_outgoing_items: 'Data points that it handed on',
  },
  exporter: {
    otelcol_exporter_send_failed_metric_points: 'Data points that could not be sent',
    otelcol_exporter_sent_metric_points: 'Data points that arrived',
  },
} as const;

/** The kinds of components that have counters. */
export type Counting = keyof typeof counters;
type CounterName<K extends Counting> = keyof (typeof counters)[K] & string;

/** A count of data points. */
export interface PointCount {
  points: number;
}

/** The counts of all components of a kind, which the meter reads on collection. */
export class PointCounts<K extends Counting> {
  readonly #counts = new Map<string, PointCount & { readonly name: string; readonly attributes: Attributes }>();

  constructor(kind: K, meter: Meter) {
    for (const [name, description] of Object.entries(counters[kind])) {
      meter.createObservableCounter(name, { unit: '{datapoint}', description }).addCallback((result) => {
        for (const count of this.#counts.values()) {
          if (count.name === name) result.observe(count.points, count.attributes);
        }
      });
    }
  }

  /** Returns a counter's count with these attributes; it starts at 0, or goes on where there was one. */
  of(name: CounterName<K>, attributes: Attributes): PointCount {
    const key = JSON.stringify([name, attributes]);
    const count = this.#counts.get(key) ?? { name, attributes, points: 0 };
    this.#counts.set(key, count);
    return count;
  }
}

/** The counts of a process. */
export type AllPointCounts = { readonly [K in Counting]: PointCounts<K> };

/** Returns new counts, which the meter exposes. */
export function countPointsOn(meter: Meter): AllPointCounts {
  return {
    receiver: new PointCounts('receiver', meter),
    processor: new PointCounts('processor', meter),
    exporter: new PointCounts('exporter', meter),
  };
}

/** Counts the outcome of runs that were handed over, and as refused those points of the taken ones that were dropped. */
export type OutcomeCount = (runs: readonly Run[], outcome: Outcome, rejectedPoints?: number) => void;

/** Returns how many data points runs have. */
export function pointsOf(runs: readonly Run[]): number {
  let points = 0;
  for (let i = 0; i < runs.length; i++) points += (runs[i] as Run).pointCount;
  return points;
}

/** Counts a receiver's data points by the Collector's counters, and records the last failure in its health. */
export function receiverOutcomes(counts: PointCounts<'receiver'>, receiver: string, health: StageHealth): OutcomeCount {
  const taken = counts.of('otelcol_receiver_accepted_metric_points', { receiver });
  const refused = counts.of('otelcol_receiver_failed_metric_points', { receiver });
  const deferred = counts.of('otelcol_receiver_refused_metric_points', { receiver });
  return outcomeCount(taken, refused, deferred, health);
}

/** Does the same for an exporter, of which one counter has all that is refused or deferred. */
export function exporterOutcomes(counts: PointCounts<'exporter'>, exporter: string, health: StageHealth): OutcomeCount {
  const taken = counts.of('otelcol_exporter_sent_metric_points', { exporter });
  const failed = counts.of('otelcol_exporter_send_failed_metric_points', { exporter });
  return outcomeCount(taken, failed, failed, health);
}

function outcomeCount(taken: PointCount, failed: PointCount, held: PointCount, health: StageHealth): OutcomeCount {
  return (runs, { refused, deferred, cause }, rejectedPoints = 0) => {
    const refusedPoints = refused.reduce((sum, { run, points = run.pointCount }) => sum + points, rejectedPoints);
    const deferredPoints = pointsOf(deferred);
    taken.points += pointsOf(runs) - refusedPoints - deferredPoints;
    failed.points += refusedPoints;
    held.points += deferredPoints;
    const failure = cause ?? refused[0]?.message;
    if (failure !== undefined) health.failed(failure);
  };
}
