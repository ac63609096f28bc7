import { NO_ATTRIBUTES } from './attributes.ts';
import type { OtlpLimits } from './otlp-error.ts';
import { type MessageName, messages, type ScalarName } from './schema.ts';

/** A field of a message. */
export interface Field {
  readonly id: number;
  /** Its name in JSON. */
  readonly name: string;
  /** Its name in the .proto files. */
  readonly protoName: string;
  /** The name of its type, unless it is a message. */
  readonly scalar: ScalarName | undefined;
  /** The name of the message that it is. */
  readonly message: MessageName | undefined;
  readonly isList: boolean;
  /** Whether it is a list of attributes, which are read as what the SDK has. */
  readonly isAttributes: boolean;
  /** The choice that it belongs to. */
  readonly choice: string | undefined;
}

/** The time 0 is OTLP's "unknown". */
const UNKNOWN = Object.freeze([0, 0]);
const NONE = Object.freeze([]);
const NO_CHOICES: ReadonlySet<string> = new Set(['list', 'attributes', 'optional']);

/** The limit that a message counts against. */
export const countedAs: Partial<Record<MessageName, keyof OtlpLimits>> = {
  ResourceMetrics: 'resources',
  ScopeMetrics: 'metrics',
  Metric: 'metrics',
  NumberDataPoint: 'points',
  HistogramDataPoint: 'points',
  ExponentialHistogramDataPoint: 'points',
  SummaryDataPoint: 'points',
};

/** The messages that hold any number of others, and may be read in slices; the others are read in one go, and are bounded. */
export const sliced: ReadonlySet<MessageName> = new Set([
  'ExportMetricsServiceRequest',
  'ResourceMetrics',
  'ScopeMetrics',
  'Metric',
  'Gauge',
  'Sum',
  'Histogram',
  'ExponentialHistogram',
  'Summary',
] as const);

/** Knows the fields of a message, for who reads one. */
export class MessageType {
  readonly fields: readonly Field[];
  readonly #byId: (Field | undefined)[] = [];
  readonly #byName = new Map<string, Field>();
  /** The message in which everything is absent. */
  readonly absent: Readonly<Record<string, unknown>>;

  constructor(rules: Readonly<Record<string, readonly [id: number, type: string, presence?: string]>>) {
    this.fields = Object.entries(rules).map(([name, [id, type, presence]]) => ({
      id,
      name,
      protoName: name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      scalar: type in messages ? undefined : (type as ScalarName),
      message: type in messages ? (type as MessageName) : undefined,
      isList: presence === 'list' || presence === 'attributes',
      isAttributes: presence === 'attributes',
      choice: presence !== undefined && NO_CHOICES.has(presence) ? undefined : presence,
    }));
    const absent: Record<string, unknown> = {};
    for (const field of this.fields) {
      this.#byId[field.id] = field;
      this.#byName.set(field.name, field).set(field.protoName, field);
      absent[field.name] = rules[field.name]?.[2] ? undefined : absentOf(field.scalar);
      if (field.isList) absent[field.name] = field.isAttributes ? NO_ATTRIBUTES : NONE;
      if (field.choice) absent[field.choice] = undefined;
    }
    this.absent = absent;
  }

  /** Returns the field of that number; undefined is one that nobody reads. */
  field(id: number): Field | undefined {
    return this.#byId[id];
  }

  /** Returns the field of that name, in JSON or in the .proto files; undefined is one that nobody reads. */
  named(name: string): Field | undefined {
    return this.#byName.get(name);
  }
}

function absentOf(scalar: ScalarName | undefined): unknown {
  if (scalar === 'string') return '';
  if (scalar === 'bool') return false;
  return scalar === 'time' ? UNKNOWN : 0;
}

/** The type of each message. */
export const messageTypes = Object.fromEntries(
  Object.entries(messages).map(([name, rules]) => [name, new MessageType(rules)]),
) as Readonly<Record<MessageName, MessageType>>;

/** Names a field by the numbers and places in lists of those that it is in, and its own: `resource_metrics[0].schema_url`. */
export function pathOf(whole: MessageType, ids: readonly number[], indexes: readonly (number | undefined)[]): string {
  let type = whole;
  const names: string[] = [];
  for (const [depth, id] of ids.entries()) {
    const field = type.field(id);
    if (!field) break;
    names.push(field.isList && field.message ? `${field.protoName}[${indexes[depth]}]` : field.protoName);
    if (field.message) type = messageTypes[field.message];
  }
  return names.join('.');
}
