import type { Attributes, HrTime } from '@opentelemetry/api';
import { Attribute, labelsOf, numberOf } from './attributes.ts';
import { toHrTime } from './hr-time.ts';

/** What a run says of itself, and what follows from that alone: it is worked out once, however many stages ask. */
export class RunFacts {
  readonly attributes: Attributes;
  #labels: Readonly<Record<string, string>> | undefined;
  #extra: Attributes | undefined;
  #withExtra: Readonly<Record<string, string>> | undefined;
  #window: RunWindow | undefined;

  /** Attributes that are null or undefined count as absent. */
  constructor(attributes: Attributes) {
    this.attributes = attributes;
    for (const name in attributes) {
      if (attributes[name] === undefined || attributes[name] === null) {
        this.attributes = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value != null));
        return;
      }
    }
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
    if (extra === this.#extra) return this.#withExtra as Readonly<Record<string, string>>;
    this.#extra = extra;
    this.#withExtra = isWithin(extra, labels) ? labels : labelsOf(this.attributes, extra);
    return this.#withExtra;
  }

  /** Whether it says when it ended. */
  get hasWindow(): boolean {
    return endOf(this.attributes) !== undefined;
  }

  /** When it began and ended, where it says so; a run that does not say when it began is of one moment. */
  get window(): RunWindow | undefined {
    this.#window ??= windowOf(this.attributes);
    return this.#window;
  }
}

/** When a run began and ended. */
export interface RunWindow {
  readonly start: HrTime;
  readonly end: HrTime;
}

function endOf(attributes: Attributes): number | undefined {
  const ended = numberOf(attributes, Attribute.endTime);
  if (ended !== undefined) return ended;
  const started = numberOf(attributes, Attribute.startTime);
  const duration = numberOf(attributes, Attribute.duration);
  return started !== undefined && duration !== undefined ? started + duration : undefined;
}

function windowOf(attributes: Attributes): RunWindow | undefined {
  const ended = endOf(attributes);
  if (ended === undefined) return undefined;
  const started = numberOf(attributes, Attribute.startTime);
  const end = toHrTime(ended);
  return { start: started === undefined ? end : toHrTime(started), end };
}

function isWithin(extra: Attributes, labels: Readonly<Record<string, string>>): boolean {
  for (const name in extra) if (extra[name] !== labels[name]) return false;
  return true;
}
