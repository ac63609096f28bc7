import type { HrTime } from '@opentelemetry/api';
import { toHrTime } from '../model/hr-time.ts';
import type { RunFacts } from '../model/run-facts.ts';
import type { Sampling } from '../model/series.ts';
import type { Fields } from './fields.ts';
import type { Spacing } from './samples.ts';

/** What stands in where a run does not say it. */
interface TimingOptions {
  readonly fallbackTime?: number | undefined;
  readonly timeZone?: string | undefined;
}

/** When the samples of a run were taken; both signals share one start. */
export class Timing implements Spacing {
  step: unknown;
  timestamps: unknown;
  timeZone: string | undefined;
  /** How many samples the list has that is being read. */
  length = 0;
  readonly #facts: RunFacts;
  #isInterval = false;
  #start: HrTime | undefined;
  #lastResort: number | undefined;

  constructor(facts: RunFacts) {
    this.#facts = facts;
  }

  begin(fields: Fields, sampling: Sampling | undefined, { fallbackTime, timeZone }: TimingOptions): void {
    this.step = fields.step.value;
    this.timestamps = fields.timestamps.value;
    this.timeZone = timeZone;
    this.#isInterval = sampling === 'interval';
    this.#start = undefined;
    this.#lastResort = fallbackTime;
  }

  get hasTimestamps(): boolean {
    return this.timestamps !== undefined && this.timestamps !== null;
  }

  /** What samples end at where the run says nothing of its time: what its document says, else now. */
  get lastResort(): number {
    this.#lastResort ??= Date.now() / 1000;
    return this.#lastResort;
  }

  start(step: number): HrTime {
    const { startTime, endTime } = this.#facts;
    if (startTime === undefined) {
      // Means of intervals last a step each, as a single sample does; the last of them ends with the run.
      const steps = this.#isInterval || this.length === 1 ? this.length : this.length - 1;
      return toHrTime((endTime ?? this.lastResort) - step * steps);
    }
    this.#start ??= toHrTime(startTime);
    return this.#start;
  }
}
