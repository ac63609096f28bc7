import type { Attributes } from '@opentelemetry/api';
import { attributesKey } from './attributes.ts';
import type { Boundary } from './boundaries.ts';
import { type BaseUnit, type Scale, scaleTo } from './units.ts';

/** What a metric of that name measures, and how its points are read. */
export interface Meaning {
  /** The name as its source has it, without the ends that Prometheus adds. */
  readonly name: string;
  /** Other names that it has, with underscores and without `_total`. */
  readonly aliases?: readonly string[];
  /** Energy and CPU time are counters; power and cores in use are gauges. */
  readonly unit: BaseUnit;
  /** The unit of its values where it declares none; `unit` where this is undefined. */
  readonly undeclared?: string;
  /** How its values are converted, whatever unit it declares. */
  readonly scale?: Scale;
  /** What has to restart for a counter to begin at 0: the machine, the device or its driver, or a process or container. */
  readonly origin: Origin;
  /** The amounts, ascending, by which its counter may fall when its register overflows; none where that never happens. */
  readonly ranges?: readonly number[];
  /** Where it is measured; undefined where a point's labels name a boundary that is not known. */
  readonly boundary: Boundary | ((labels: LabelReader) => Boundary | undefined);
  /** The labels that tell one meter from another; all of them where it is undefined, or a point has none of these. */
  readonly source?: readonly string[];
  /** Which one it is of several metrics that are read as one, whose meters add up. */
  readonly part?: string;
  /** Its meters are those of the resource that sends them, such as a process; all others are the host's, whoever sends them. */
  readonly isOfResource?: true;
  /** Says what of a point: it counts, it is no use (idle time), or it is a sum of others that are there too. */
  readonly role?: (labels: LabelReader) => 'counts' | 'no_use' | 'a_sum';
  /** How each point names the host that it measures, where that is not the one that sends it. */
  readonly identity?: readonly LabelledAttribute[];
  /** How each point names the workload that it measures, which runs on the host that sends it. */
  readonly workload?: readonly LabelledAttribute[];
}

/** An attribute of a resource that a label of its points says. */
export interface LabelledAttribute {
  readonly attribute: string;
  readonly label: string;
  /** What of its value is said, where that is not all of it. */
  readonly pattern?: RegExp;
}

/** What a counter's start depends on. */
export type Origin = 'boot' | 'device' | 'process';

/** The labels of a point by OpenTelemetry's name for them, or by Prometheus's. */
export type LabelReader = (name: string) => string | undefined;

/** Returns how to convert the values of a metric that declares a unit; undefined where that cannot be done. */
export function scaleOf({ unit, undeclared = '', scale }: Meaning, declared: string): Scale | undefined {
  return scale ?? scaleTo(unit, declared === '' ? undeclared : declared);
}

/** Returns whether a meaning is about CPU time rather than power. */
export function isCpu({ unit }: Pick<Meaning, 'unit'>): boolean {
  return unit === 's' || unit === '{cpu}';
}

/** Returns whether its values add up, as energy and CPU time do; power and cores in use are levels. */
export function isCounter({ unit }: Pick<Meaning, 'unit'>): boolean {
  return unit === 'J' || unit === 's';
}

/** Reads the labels of a point under either spelling. */
export function labelsIn(attributes: Attributes): LabelReader {
  return (name) => {
    const value = attributes[name] ?? (name.includes('.') ? attributes[underscored(name)] : undefined);
    return value === undefined ? undefined : String(value);
  };
}

/** What tells the meter of a point from others of the same metric. */
export function sourceOf({ source, part }: Meaning, attributes: Attributes): string {
  const named = source?.map(labelsIn(attributes));
  const own = named?.some((value) => value !== undefined) ? JSON.stringify(named) : attributesKey(attributes);
  return part === undefined ? own : `${part} ${own}`;
}

/** Returns a name as Prometheus has it. */
export function underscored(name: string): string {
  return name.replaceAll('.', '_');
}
