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
  #startTime: HrTime = UNKNOWN;
  #endTime: HrTime = UNKNOWN;
  #attributes = NONE;
  /** Where the attributes stand that were read last. */
  #from = 0;
  #to = 0;

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  /** Reads 64 bits as the time at which a point began; that is kept until the next one begins at another. */
  readStart(): HrTime {
    this.#startTime = this.#read(this.#startTime) ?? UNKNOWN;
    return this.#startTime;
  }

  /** Reads 64 bits as the time of a point, in the same way. */
  readEnd(): HrTime | undefined {
    const time = this.#read(this.#endTime);
    if (time) this.#endTime = time;
    return time;
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

  /** The time in the next 64 bits, which is the known one where it is the same. */
  #read(known: HrTime): HrTime | undefined {
    this.#reader.fixed64();
    const time = this.#reader.time();
    return time && time[0] === known[0] && time[1] === known[1] ? known : time;
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

/** Checks that a field which is read in one go has not been there before. */
export function once(value: unknown): void {
  if (value !== undefined) throw new Unfamiliar();
}
