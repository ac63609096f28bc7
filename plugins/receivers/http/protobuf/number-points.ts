import type { Attributes, HrTime } from '@opentelemetry/api';
import type { Flaw } from '../points.ts';
import { once, PointList } from './point-list.ts';
import type { WireReader } from './wire-reader.ts';

/** The points of a gauge or a sum. */
export class NumberPoints extends PointList<number> {
  /** Whether any of them has a number with a fraction. */
  hasDoubles = false;
  readonly #check: (value: number | undefined) => Flaw | undefined;

  constructor(reader: WireReader, check: (value: number | undefined) => Flaw | undefined) {
    super(reader);
    this.#check = check;
  }

  /** Reads a `NumberDataPoint` with its length before it. */
  read(reader: WireReader): void {
    const end = reader.end();
    let startTime: HrTime | undefined;
    let endTime: HrTime | undefined;
    let attributes: Attributes | undefined;
    let double: number | undefined;
    let integer: number | undefined;
    let flags = 0;
    while (reader.pos < end) {
      const tag = reader.tag();
      switch (tag) {
        case 0x11:
          startTime = this.readStart();
          break;
        case 0x19:
          endTime = this.readEnd();
          break;
        case 0x21:
          double = reader.double();
          integer = undefined;
          break;
        case 0x31:
          reader.fixed64();
          integer = reader.signed();
          double = undefined;
          break;
        case 0x3a:
          once(attributes);
          attributes = this.readAttributes(tag, end);
          break;
        case 0x40:
          flags = reader.uint32();
          break;
        default:
          reader.skip(tag);
      }
    }
    reader.finish(end);
    if (double !== undefined) this.hasDoubles = true;
    const value = double ?? integer;
    this.add(flags, startTime, endTime, attributes, value, this.#check(value));
  }
}
