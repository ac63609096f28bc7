import { ValueType } from '@opentelemetry/api';
import type { MetricDescriptor } from '@opentelemetry/sdk-metrics';
import * as data from '../metric-data.ts';
import { ExponentialHistogramPoints, HistogramPoints } from './histogram-points.ts';
import { NumberPoints } from './number-points.ts';
import { Unfamiliar, type WireReader } from './wire-reader.ts';

const GAUGE = 0x2a;
const SUM = 0x3a;
const HISTOGRAM = 0x4a;
const EXPONENTIAL_HISTOGRAM = 0x52;
const SUMMARY = 0x5a;

/** Reads a `Metric` with its length before it. */
export function readMetric(reader: WireReader): data.ConvertedMetric {
  const end = reader.end();
  let [name, unit, description, kind, from] = ['', '', '', 0, 0];
  while (reader.pos < end) {
    const tag = reader.tag();
    switch (tag) {
      case 0x0a:
        name = reader.text();
        break;
      case 0x12:
        description = reader.text();
        break;
      case 0x1a:
        unit = reader.text();
        break;
      case GAUGE:
      case SUM:
      case HISTOGRAM:
      case EXPONENTIAL_HISTOGRAM:
      case SUMMARY:
        if (kind) throw new Unfamiliar();
        kind = tag;
        from = reader.pos;
        reader.pos = reader.end();
        break;
      default:
        reader.skip(tag);
    }
  }
  reader.finish(end);
  if (!kind) return {};
  // How the points are read depends on the name, which need not come before them.
  reader.pos = from;
  const metric = readData(reader, kind, { name, unit, description, valueType: ValueType.DOUBLE });
  reader.pos = end;
  return metric;
}

function readData(reader: WireReader, kind: number, descriptor: MetricDescriptor): data.ConvertedMetric {
  const points = pointsOf(kind, reader, descriptor.name);
  const { temporality, isMonotonic } = readFields(reader, points);
  if (descriptor.name === '') return data.refuseNameless(points.count);
  if (points instanceof SummaryPoints) return data.refuseSummary(descriptor, points.count);
  if (kind === GAUGE) return data.gaugeOf(descriptor, points as NumberPoints);
  if (temporality === undefined) return data.refuseWithoutTemporality(descriptor, points.count);
  if (points instanceof NumberPoints) return data.sumOf(descriptor, temporality, () => isMonotonic, points);
  if (points instanceof HistogramPoints) return data.histogramOf(descriptor, temporality, points);
  return data.exponentialHistogramOf(descriptor, temporality, points);
}

function pointsOf(kind: number, reader: WireReader, name: string) {
  switch (kind) {
    case GAUGE:
    case SUM:
      return new NumberPoints(reader, data.checkFor(name));
    case HISTOGRAM:
      return new HistogramPoints(reader);
    case EXPONENTIAL_HISTOGRAM:
      return new ExponentialHistogramPoints(reader);
    default:
      return new SummaryPoints();
  }
}

/** Reads the data of a metric, with their length before them; all kinds have the same numbers for the same fields. */
function readFields(reader: WireReader, points: ReturnType<typeof pointsOf>) {
  const end = reader.end();
  let temporality = 0;
  let isMonotonic = false;
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === 0x0a) points.read(reader);
    else if (tag === 0x10) temporality = reader.uint32();
    else if (tag === 0x18) isMonotonic = reader.bool();
    else reader.skip(tag);
  }
  reader.finish(end);
  return { temporality: data.temporalityOf(temporality), isMonotonic };
}

/** The points of a summary, which are counted only. */
class SummaryPoints {
  count = 0;

  /** Passes over a `SummaryDataPoint` with its length before it. */
  read(reader: WireReader): void {
    const end = reader.end();
    while (reader.pos < end) reader.skip(reader.tag());
    reader.finish(end);
    this.count++;
  }
}
