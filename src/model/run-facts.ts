import type { Attributes, HrTime } from '@opentelemetry/api';
import { Attribute, labelsOf } from './attributes.ts';
import { toHrTime } from './hr-time.ts';

/**
 * What a run says of itself, and what follows from that alone: it is worked out once, however many stages ask. Looking an
 * attribute up costs more than reading a field, since runs have different ones, so those that every stage asks for are
 * taken in one pass.
 */
export class RunFacts {
  readonly attributes: Attributes;
  /** Seconds since 1970, where they are said. */
  readonly start: number | undefined = undefined;
  readonly end: number | undefined = undefined;
  /** Energy at the meter of the data centre by that of the machine, where it is said. */
  readonly pue: number | undefined = undefined;
  /** Where it took place: its `region`, else `cloud.region`. */
  readonly region: string | undefined = undefined;
  /** Whether it says in whose cloud it took place. */
  readonly namesCloud: boolean = false;
  /** Whether it says how samples are to be read. */
  readonly saysSampling: boolean = false;
  readonly #duration: number | undefined = undefined;
  #labels: Readonly<Record<string, string>> | undefined;
  #extra: Attributes | undefined;
  #withExtra: Readonly<Record<string, string>> | undefined;
  #window: RunWindow | undefined;

  /** Attributes that are null or undefined count as absent. */
  constructor(attributes: Attributes) {
    let hasGaps = false;
    let cloudRegion: string | undefined;
    for (const name in attributes) {
      const value = attributes[name];
      if (typeof value === 'number') {
        if (!Number.isFinite(value)) continue;
        if (name === Attribute.startTime) this.start = value;
        else if (name === Attribute.endTime) this.end = value;
        else if (name === Attribute.duration) this.#duration = value;
        else if (name === Attribute.pue) this.pue = value;
      } else if (typeof value === 'string') {
        if (name === Attribute.region) this.region = value || undefined;
        else if (name === 'cloud.region') cloudRegion = value || undefined;
        else if (name === 'cloud.provider') this.namesCloud = true;
        else if (name.startsWith(Attribute.sampling)) this.saysSampling = true;
      } else if (value === undefined || value === null) hasGaps = true;
    }
    this.region ??= cloudRegion;
    this.attributes = hasGaps ? withoutGaps(attributes) : attributes;
  }

  /** Its duration in seconds, above 0: the one that it says, else end minus start; undefined where neither is known. */
  get duration(): number | undefined {
    if (this.#duration !== undefined && this.#duration > 0) return this.#duration;
    const { start, end } = this;
    return start !== undefined && end !== undefined && end > start ? end - start : undefined;
  }

  /** The labels of the run's figures. */
  get labels(): Readonly<Record<string, string>> {
    this.#labels ??= labelsOf(this.attributes);
    return this.#labels;
  }

  /** The same with more of them; where these are what the run says anyway, it is the same object. */
  labelsWith(extra: Attributes | undefined): Readonly<Record<string, string>> {
    const { labels } = this;
    if (!extra) return labels;
    if (extra === this.#extra && this.#withExtra) return this.#withExtra;
    // Mostly it is the region that the run names.
    if (isWithin(extra, labels)) return labels;
    if (!this.#withExtra || !this.#extra || !isSame(extra, this.#extra)) {
      this.#withExtra = labelsOf(this.attributes, extra);
    }
    this.#extra = extra;
    return this.#withExtra;
  }

  /** Whether it says when it ended. */
  get hasWindow(): boolean {
    return this.end !== undefined || (this.start !== undefined && this.#duration !== undefined);
  }

  /** When it began and ended, where it says so; a run that does not say when it began is of one moment. */
  get window(): RunWindow | undefined {
    if (this.hasWindow) this.#window ??= this.#makeWindow();
    return this.#window;
  }

  #makeWindow(): RunWindow {
    const { start } = this;
    const end = toHrTime(this.end ?? (start as number) + (this.#duration as number));
    return { start: start === undefined ? end : toHrTime(start), end };
  }
}

/** When a run began and ended. */
export interface RunWindow {
  readonly start: HrTime;
  readonly end: HrTime;
}

function withoutGaps(attributes: Attributes): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null));
}

function isSame(one: Attributes, other: Attributes): boolean {
  return isWithin(one, other) && isWithin(other, one);
}

function isWithin(some: Attributes, all: Attributes): boolean {
  for (const name in some) if (some[name] !== all[name]) return false;
  return true;
}
