import type { MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import type { Batch } from './attributes.ts';
import { pointCount } from './series.ts';
import { isSignal } from './signals.ts';

/** A batch that knows which of its metrics are signals, and how many data points it holds: every stage asks. */
export class Run implements Batch {
  readonly resource: Batch['resource'];
  readonly scopeMetrics: ScopeMetrics[];
  readonly #signals: readonly MetricData[];
  readonly #points: number;

  private constructor(
    resource: Batch['resource'],
    scopeMetrics: ScopeMetrics[],
    signals: readonly MetricData[],
    points: number,
  ) {
    this.resource = resource;
    this.scopeMetrics = scopeMetrics;
    this.#signals = signals;
    this.#points = points;
  }

  /** A run with the metrics of one scope. */
  static of(resource: Batch['resource'], scope: ScopeMetrics): Run {
    return new Run(resource, [scope], signalsIn(scope.metrics), pointsOf(scope.metrics));
  }

  /** A batch with another resource and, where given, the metrics of one more scope. */
  static extended(batch: Batch, resource: Batch['resource'], scope: ScopeMetrics | undefined): Run {
    const signals = Run.signalsOf(batch);
    const points = Run.countPoints(batch);
    if (!scope) return new Run(resource, batch.scopeMetrics, signals, points);
    const more = signalsIn(scope.metrics);
    const all = more.length ? [...signals, ...more] : signals;
    return new Run(resource, withLast(batch.scopeMetrics, scope), all, points + pointsOf(scope.metrics));
  }

  /** The metrics of a batch that are raw samples. */
  static signalsOf(batch: Batch): readonly MetricData[] {
    return #signals in batch ? batch.#signals : batch.scopeMetrics.flatMap(({ metrics }) => signalsIn(metrics));
  }

  /** How many data points a batch holds. */
  static countPoints(batch: Batch): number {
    if (#points in batch) return batch.#points;
    let count = 0;
    for (const { metrics } of batch.scopeMetrics) count += pointsOf(metrics);
    return count;
  }
}

const NONE: readonly MetricData[] = [];

/** Mostly these are all of the metrics or none, and then no list is made. */
function signalsIn(metrics: readonly MetricData[]): readonly MetricData[] {
  let signals = 0;
  for (const metric of metrics) if (isSignal(metric)) signals++;
  if (signals === 0) return NONE;
  return signals === metrics.length ? metrics : metrics.filter(isSignal);
}

function pointsOf(metrics: readonly MetricData[]): number {
  let count = 0;
  for (const metric of metrics) count += pointCount(metric);
  return count;
}

/** A list with one more item; a spread would make room for more than these, for every run anew. */
function withLast<T>(list: readonly T[], item: T): T[] {
  const longer = new Array<T>(list.length + 1);
  for (let i = 0; i < list.length; i++) longer[i] = list[i] as T;
  longer[list.length] = item;
  return longer;
}
