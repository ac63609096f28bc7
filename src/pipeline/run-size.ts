import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { Run } from '../plugin/index.ts';
import type { Sizer } from '../plugin/push-settings.ts';

/** The bytes of a point in OTLP, without its attributes: two times and a value. */
const POINT = 30;
/** The bytes of a metric, and of an attribute, beside their texts. */
const FRAME = 20;

/** Returns how much a run counts in a sending queue; of its bytes, where they are not known, an estimate. */
export function sizeOf(run: Run, sizer: Sizer, bytes: () => number = () => estimatedBytes(run)): number {
  if (sizer === 'bytes') return bytes();
  return sizer === 'items' ? run.pointCount : 1;
}

/** Estimates the bytes of a run in OTLP, from its texts and the number of its points. */
export function estimatedBytes({ attributes, samples, figures, metrics }: Run): number {
  let bytes = FRAME + bytesOfAttributes(attributes);
  for (const { series } of samples) bytes += 3 * FRAME + series.length * POINT;
  for (const { definition, labels } of figures) {
    const { name, unit, description } = definition;
    bytes += FRAME + name.length + unit.length + description.length + POINT + bytesOfAttributes(attributes);
    if (labels) bytes += bytesOfAttributes(labels);
  }
  for (const { descriptor, dataPoints } of metrics.flatMap((scope) => scope.metrics)) {
    const { name, unit, description } = descriptor;
    bytes += FRAME + name.length + unit.length + description.length;
    for (const { attributes: own, value } of dataPoints) {
      bytes += POINT + bytesOfAttributes(own) + (typeof value === 'number' ? 0 : bytesOfBuckets(value));
    }
  }
  return bytes;
}

function bytesOfAttributes(attributes: Attributes): number {
  let bytes = 0;
  for (const key in attributes) bytes += FRAME + key.length + bytesOfValue(attributes[key]);
  return bytes;
}

function bytesOfValue(value: AttributeValue | undefined | null): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return 8;
  let bytes = 0;
  for (const item of value) bytes += 4 + bytesOfValue(item);
  return bytes;
}

/** A histogram has a count and a bound for each of its buckets. */
function bytesOfBuckets(value: object): number {
  const { buckets, positive, negative } = value as Partial<Record<string, Buckets>>;
  const counts = (buckets?.counts?.length ?? 0) * 2;
  return 4 * POINT + 8 * (counts + (positive?.bucketCounts?.length ?? 0) + (negative?.bucketCounts?.length ?? 0));
}

interface Buckets {
  readonly counts?: readonly number[];
  readonly bucketCounts?: readonly number[];
}
