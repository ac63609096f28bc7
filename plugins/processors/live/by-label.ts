import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { type LabelledAttribute, labelsIn } from 'wattline/figures';
import { isAllTaken, type Outcome, type Refusal, type Run } from 'wattline/plugin';

/** How the points of a metric name what they measure; undefined where that is what sends them. */
export type Naming = (metric: MetricData) => readonly LabelledAttribute[] | undefined;

/** What a resource sent, parted. */
export interface Parted {
  /** What names nothing, and is the resource's: the run itself where no point names anything. */
  readonly rest: Run | undefined;
  /** What each thing has that points name. */
  readonly named: readonly Run[];
}

/** The points of one thing, by the attributes that name it. */
interface Part {
  readonly named: Attributes;
  readonly metrics: MetricData[];
}

/**
 * Returns what a resource sent as that of each thing that its points name, which has the attributes that labels say and
 * those of the resource that `shared` leaves.
 */
export function byLabel(run: Run, namingOf: Naming, shared: (attributes: Attributes) => Attributes): Parted {
  if (!run.metrics.some(({ metrics }) => metrics.some(namingOf))) return { rest: run, named: [] };
  const parts = new Map<string, Part>();
  const metrics = run.metrics
    .map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.flatMap((metric) => restOf(metric, namingOf(metric), parts)),
    }))
    .filter(({ metrics }) => metrics.length);
  if (parts.size === 0) return { rest: run, named: [] };
  const bare = run.bare();
  const common = shared(run.attributes);
  const scope = run.metrics[0]?.scope ?? { name: '' };
  const named = [...parts.values()].map((part) => {
    return bare.withAttributes({ ...common, ...part.named }).with({ metrics: [{ scope, metrics: part.metrics }] });
  });
  const { samples, figures } = run;
  const isLeft = metrics.length > 0 || samples.length > 0 || figures.length > 0;
  return { rest: isLeft ? bare.with({ metrics, samples, figures }) : undefined, named };
}

/** Puts the points of a metric to the things that they name, and returns the metric with the others, where there are some. */
function restOf(
  metric: MetricData,
  naming: readonly LabelledAttribute[] | undefined,
  parts: Map<string, Part>,
): MetricData[] {
  if (!naming) return [metric];
  const rest: MetricData['dataPoints'][number][] = [];
  const own = new Map<string, MetricData['dataPoints'][number][]>();
  for (const point of metric.dataPoints) {
    const named = namedBy(point.attributes, naming);
    if (!named) {
      rest.push(point);
      continue;
    }
    const key = JSON.stringify(named);
    const points = own.get(key) ?? [];
    points.push(point);
    if (own.has(key)) continue;
    own.set(key, points);
    const part = parts.get(key) ?? { named, metrics: [] };
    parts.set(key, part);
    part.metrics.push({ ...metric, dataPoints: points } as MetricData);
  }
  return rest.length ? [{ ...metric, dataPoints: rest } as MetricData] : [];
}

function namedBy(attributes: Attributes, naming: readonly LabelledAttribute[]): Attributes | undefined {
  const labels = labelsIn(attributes);
  const named = naming.flatMap(({ attribute, label, pattern }) => {
    const text = labels(label);
    const value = text && pattern ? pattern.exec(text)?.[0] : text;
    return value ? [[attribute, value] as const] : [];
  });
  return named.length ? Object.fromEntries(named) : undefined;
}

/**
 * Returns what became of runs of which some went on in parts, as `wholeOf` says of each: one is deferred where any part is,
 * else refused once, for the points of all parts that are refused.
 */
export function outcomeOfWholes(outcome: Outcome, wholeOf: (run: Run) => Run | undefined): Outcome {
  if (isAllTaken(outcome)) return outcome;
  const deferred = new Set(outcome.deferred.map((run) => wholeOf(run) ?? run));
  const refused = new Map<Run, Refusal>();
  for (const refusal of outcome.refused) {
    const whole = wholeOf(refusal.run);
    const run = whole ?? refusal.run;
    const before = refused.get(run);
    if (!deferred.has(run)) refused.set(run, whole || before ? refusalOf(run, refusal, before) : refusal);
  }
  return { refused: [...refused.values()], deferred: [...deferred], cause: outcome.cause };
}

/** The refusal of a whole for one of a part of it, or of itself, and those before. */
function refusalOf(run: Run, refusal: Refusal, before: Refusal | undefined): Refusal {
  const points = (before ? (before.points ?? run.pointCount) : 0) + (refusal.points ?? refusal.run.pointCount);
  const { reason, message } = before ?? refusal;
  return { run, reason, message, ...(points < run.pointCount && { points }) };
}
