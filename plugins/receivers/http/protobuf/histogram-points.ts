import type { Attributes, HrTime } from '@opentelemetry/api';
import type { ExponentialHistogram, Histogram } from '@opentelemetry/sdk-metrics';
import { checkBuckets } from '../points.ts';
import { once, PointList } from './point-list.ts';
import { Unfamiliar, type WireReader } from './wire-reader.ts';

type Buckets = ExponentialHistogram['positive'];

/** Where the fields of a point are that both kinds of histogram have; `count` and `sum` have the same place in both. */
interface Places {
  readonly attributes: number;
  readonly flags: number;
  readonly min: number;
  readonly max: number;
}

interface Totals {
  count: number;
  sum?: number;
  min?: number;
  max?: number;
}

const histogramPlaces: Places = { attributes: 0x4a, flags: 0x50, min: 0x59, max: 0x61 };
const exponentialPlaces: Places = { attributes: 0x0a, flags: 0x50, min: 0x61, max: 0x69 };

/** The points of a histogram. */
export class HistogramPoints extends PointList<Histogram> {
  /** Reads a `HistogramDataPoint` with its length before it. */
  read(reader: WireReader): void {
    const boundaries: number[] = [];
    const counts: number[] = [];
    const point = readPoint(this, reader, histogramPlaces, (tag) => {
      if (tag === 0x32) readPacked(reader, () => counts.push(readCount(reader)));
      else if (tag === 0x31) counts.push(readCount(reader));
      else if (tag === 0x3a) readPacked(reader, () => boundaries.push(reader.double()));
      else if (tag === 0x39) boundaries.push(reader.double());
      else return false;
      return true;
    });
    const value = { buckets: { boundaries, counts }, ...point.totals };
    this.add(point.flags, point.startTime, point.endTime, point.attributes, value, checkBuckets(boundaries, counts));
  }
}

/** The points of an exponential histogram. */
export class ExponentialHistogramPoints extends PointList<ExponentialHistogram> {
  /** Reads an `ExponentialHistogramDataPoint` with its length before it. */
  read(reader: WireReader): void {
    let [scale, zeroCount] = [0, 0];
    let positive: Buckets | undefined;
    let negative: Buckets | undefined;
    const point = readPoint(this, reader, exponentialPlaces, (tag) => {
      if (tag === 0x30) scale = reader.sint32();
      else if (tag === 0x39) zeroCount = readCount(reader);
      else if (tag === 0x42) positive = readBuckets(reader, positive);
      else if (tag === 0x4a) negative = readBuckets(reader, negative);
      else return false;
      return true;
    });
    const none = () => ({ offset: 0, bucketCounts: [] });
    const value = { ...point.totals, scale, zeroCount, positive: positive ?? none(), negative: negative ?? none() };
    this.add(point.flags, point.startTime, point.endTime, point.attributes, value, undefined);
  }
}

interface Point {
  flags: number;
  startTime: HrTime | undefined;
  endTime: HrTime | undefined;
  attributes: Attributes | undefined;
  readonly totals: Totals;
}

/** Reads the point of a histogram of either kind; `readOther` is shown the tags of its own fields. */
function readPoint(
  list: PointList<unknown>,
  reader: WireReader,
  places: Places,
  readOther: (tag: number) => boolean,
): Point {
  const end = reader.end();
  const totals: Totals = { count: 0 };
  const point: Point = { flags: 0, startTime: undefined, endTime: undefined, attributes: undefined, totals };
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === places.attributes) {
      once(point.attributes);
      point.attributes = list.readAttributes(tag, end);
    } else if (tag === 0x11) point.startTime = list.readStart();
    else if (tag === 0x19) point.endTime = list.readEnd();
    else if (tag === 0x21) totals.count = readCount(reader);
    else if (tag === 0x29) totals.sum = reader.double();
    else if (tag === places.min) totals.min = reader.double();
    else if (tag === places.max) totals.max = reader.double();
    else if (tag === places.flags) point.flags = reader.uint32();
    else if (!readOther(tag)) reader.skip(tag);
  }
  reader.finish(end);
  return point;
}

function readBuckets(reader: WireReader, before: Buckets | undefined): Buckets {
  if (before) throw new Unfamiliar();
  const end = reader.end();
  const bucketCounts: number[] = [];
  let offset = 0;
  const readOne = () => {
    reader.varint();
    bucketCounts.push(reader.unsigned());
  };
  while (reader.pos < end) {
    const tag = reader.tag();
    if (tag === 0x08) offset = reader.sint32();
    else if (tag === 0x12) readPacked(reader, readOne);
    else if (tag === 0x10) readOne();
    else reader.skip(tag);
  }
  reader.finish(end);
  return { offset, bucketCounts };
}

/** Reads the numbers of a packed field with its length before it. */
function readPacked(reader: WireReader, readOne: () => void): void {
  const end = reader.end();
  while (reader.pos < end) readOne();
  reader.finish(end);
}

function readCount(reader: WireReader): number {
  reader.fixed64();
  return reader.unsigned();
}
