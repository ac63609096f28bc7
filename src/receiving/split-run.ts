import type { MetricData, ScopeMetrics } from '@opentelemetry/sdk-metrics';
import { isRun, type Run } from '../plugin/index.ts';

/** How many points a part holds at most: what any stage does with them takes some 30 ms. */
export const MOST_POINTS = 5000;

/**
 * Returns what a resource sent in parts that no stage takes long for, in their order; a run, which must be whole, is one part.
 * Parts say the same of who sent them as the whole.
 */
export function splitRun(run: Run): readonly Run[] {
  if (run.pointCount <= MOST_POINTS || isRun(run)) return [run];
  return [...partsOf(run.metrics)].map((scopeMetrics) => run.bare().with({ metrics: scopeMetrics }));
}

function* partsOf(scopes: readonly ScopeMetrics[]): Generator<ScopeMetrics[]> {
  let part: ScopeMetrics[] = [];
  let points = 0;
  for (const { scope, metrics } of scopes) {
    for (const metric of metrics) {
      for (const piece of piecesOf(metric)) {
        if (points + piece.dataPoints.length > MOST_POINTS) {
          yield part;
          part = [];
          points = 0;
        }
        const last = part.at(-1);
        if (last?.scope === scope) last.metrics.push(piece);
        else part.push({ scope, metrics: [piece] });
        points += piece.dataPoints.length;
      }
    }
  }
  yield part;
}

function* piecesOf(metric: MetricData): Generator<MetricData> {
  if (metric.dataPoints.length <= MOST_POINTS) return yield metric;
  for (let from = 0; from < metric.dataPoints.length; from += MOST_POINTS) {
    yield { ...metric, dataPoints: metric.dataPoints.slice(from, from + MOST_POINTS) } as MetricData;
  }
}
