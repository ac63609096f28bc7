import type { Attributes, HrTime } from '@opentelemetry/api';
import type { DataPoint } from '@opentelemetry/sdk-metrics';
import { atPoint, type Flaw, isRecorded, noTime, type ReadPoints } from '../points.ts';
import { readAttribute } from './attributes.ts';
import { Unfamiliar, type WireReader } from './wire-reader.ts';

const NONE: Attributes = Object.freeze({});
const UNKNOWN: HrTime = [0, 0];

/**
 * Gathers the points of a metric. Those in a row that say the same of themselves share it, and times too, which saves
 * most of the objects: such are the samples of a signal, and the series of an instrument at one time.
 */
export class PointList<T> implements ReadPoints<T> {
  readonly points: DataPoint<T>[] = [];
  readonly flaws: Flaw[] = [];
  /** How many there were, those included that say nothing was recorded. */
  count = 0;
  readonly #reader: WireReader;
  readonly #startTime = new KnownTime();
  readonly #endTime = new KnownTime();
  #attributes = NONE;
  /** Where the attributes stand that were read last. */
  #from = 0;
  #to = 0;

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  /** Reads the time at which a point began. */
  readStart(): HrTime | undefined {
    return this.#startTime.read(this.#reader);
  }

  /** Reads the time of a point. */
  readEnd(): HrTime | undefined {
    return this.#endTime.read(this.#reader);
  }

  /** Reads the attributes of a point, all in a row, the first of which has just begun with its tag. */
  readAttributes(tag: number, end: number): Attributes {
    const reader = this.#reader;
    const from = reader.pos - 1;
    const to = from + this.#to - this.#from;
    if (to <= end && this.#isSame(from) && (to === end || reader.bytes[to] !== tag)) {
      reader.pos = to;
      return this.#attributes;
    }
    const attributes: Attributes = {};
    for (;;) {
      readAttribute(reader, attributes);
      if (reader.pos >= end || reader.bytes[reader.pos] !== tag) break;
      reader.pos++;
    }
    this.#attributes = attributes;
    this.#from = from;
    this.#to = reader.pos;
    return attributes;
  }

  /** Adds a point, unless it is flawed or says that nothing was recorded. */
  add(
    flags: number,
    startTime: HrTime | undefined,
    endTime: HrTime | undefined,
    attributes: Attributes | undefined,
    value: T | undefined,
    flaw: Flaw | undefined,
  ): void {
    const index = this.count++;
    if (!isRecorded(flags)) return;
    if (!endTime) this.flaws.push(atPoint(index, noTime));
    else if (flaw) this.flaws.push(atPoint(index, flaw));
    else {
      this.points.push({
        startTime: startTime ?? UNKNOWN,
        endTime,
        attributes: attributes ?? NONE,
        value: value as T,
      });
    }
  }

  #isSame(from: number): boolean {
    const { bytes } = this.#reader;
    const length = this.#to - this.#from;
    if (length === 0) return false;
    for (let index = 0; index < length; index++) {
      if (bytes[this.#from + index] !== bytes[from + index]) return false;
    }
    return true;
  }
}

/** Makes times; one that is the same as the one before is not made again. */
class KnownTime {
  #low = 0;
  #high = 0;
  #time: HrTime | undefined;

  read(reader: WireReader): HrTime | undefined {
    reader.fixed64();
    if (reader.low !== this.#low || reader.high !== this.#high) {
      this.#low = reader.low;
      this.#high = reader.high;
      this.#time = reader.time();
    }
    return this.#time;
  }
}

/** Checks that a field which is read in one go has not been there before. */
export function once(value: unknown): void {
  if (value !== undefined) throw new Unfamiliar();
}
