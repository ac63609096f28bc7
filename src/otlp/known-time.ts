import type { HrTime } from '@opentelemetry/api';
import { fixed64Of } from './fixed64.ts';

/** Makes times; one that is the same as the one before is not made again. */
class KnownTime {
  #low = 0;
  #high = 0;
  #time: HrTime = [0, 0];

  read(low: number, high: number): HrTime {
    if (low !== this.#low || high !== this.#high) {
      this.#low = low;
      this.#high = high;
      this.#time = fixed64Of(low, high);
    }
    return this.#time;
  }
}

/** The last times of two fields: the start times and the times of points have numbers of which one is even. */
export class KnownTimes {
  readonly #even = new KnownTime();
  readonly #odd = new KnownTime();

  /** The last time of the field of that number. */
  of(field: number): KnownTime {
    return field & 1 ? this.#odd : this.#even;
  }
}
