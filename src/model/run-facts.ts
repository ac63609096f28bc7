import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { Attribute, figureLabels, labelText } from './attributes.ts';
import { type PowerLabel, powerLabelOf } from './power-kind.ts';
import { isExtrapolated, predictedCpu, predictedPower } from './predicted.ts';
import { statedTime } from './stated-time.ts';

/**
 * Who a run was and when it took place, as far as it says so. Times are seconds since 1970, durations are seconds. Every
 * stage asks for these, and a field is read faster than an attribute is looked up.
 */
export interface RunFacts {
  /** Its `scenario`, else its `service.name`. */
  readonly scenario: string | undefined;
  /** Where it took place: its `region`, else its `cloud.region`. */
  readonly region: string | undefined;
  readonly bitrate: string | undefined;
  readonly encoder: string | undefined;
  /** How its power came about, where that was not measured. */
  readonly power: PowerLabel | undefined;
  /** How its CPU use came about, where that was not measured. */
  readonly cpu: 'predicted' | undefined;
  /** `true` where power or CPU use was predicted outside of what its model has learnt from. */
  readonly extrapolated: 'true' | undefined;
  /** The number of streams that it states. */
  readonly streams: number | undefined;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  /** The duration that it states, of whatever size; `Run.duration` is the one to reckon with. */
  readonly statedDuration: number | undefined;
  /** When it was read, where it says nothing of its time; `Run.isDated` says whether that counts. */
  readonly readTime?: number | undefined;
  /** Energy at the meter of the data centre by that of the machine. */
  readonly pue: number | undefined;
  /** How often its figures were valued again; undefined where they were not. */
  readonly restated: number | undefined;
  /** Whether it says in whose cloud it took place. */
  readonly namesCloud: boolean;
  /** Whether it says how its samples are to be read. */
  readonly saysSampling: boolean;
  /** Whether it is a slice of a stream, whose figures are added up. */
  readonly isSlice: boolean;
  /**
   * The address that it came from, without a port, where its receiver knows. It bears witness that two senders share a name,
   * and is no part of who a run is: it may be that of a proxy, no attribute, label or figure has it, and it is not stored
   * with the run.
   */
  readonly peer?: string | undefined;
  /**
   * Whether its receiver had handed it over before the process started, and does so again for the stages that keep nothing
   * over a restart. It is no part of who a run is either.
   */
  readonly replayed?: boolean | undefined;
}

/** How a run came, which its attributes do not say. */
export type RunOrigin = Pick<RunFacts, 'peer' | 'replayed'>;

/** Returns what attributes say of a run, taken in one pass, with how it came. */
export function factsIn(attributes: Attributes, { peer, replayed = false }: RunOrigin = {}): RunFacts {
  const facts: { -readonly [K in keyof RunFacts]: RunFacts[K] } = { ...NO_FACTS, peer, replayed };
  let service: string | undefined;
  let cloudRegion: string | undefined;
  for (const name in attributes) {
    const value = attributes[name];
    if (value === undefined || value === null) continue;
    readNumber(facts, name, value);
    switch (name) {
      case Attribute.scenario:
        facts.scenario = labelText(value);
        break;
      case 'service.name':
        service = labelText(value);
        break;
      case Attribute.region:
        facts.region = labelText(value);
        break;
      case 'cloud.region':
        cloudRegion = labelText(value);
        break;
      case 'cloud.provider':
        facts.namesCloud = typeof value === 'string';
        break;
      case Attribute.bitrate:
        facts.bitrate = labelText(value);
        break;
      case Attribute.encoder:
        facts.encoder = labelText(value);
        break;
      case Attribute.power:
        facts.power = powerLabelOf(value);
        break;
      case Attribute.cpu:
        if (value === 'predicted') facts.cpu = value;
        break;
      case Attribute.streamId:
        facts.isSlice = true;
        break;
      default:
        if (name.startsWith(Attribute.sampling)) facts.saysSampling = true;
    }
  }
  facts.scenario ??= service;
  facts.region ??= cloudRegion;
  facts.extrapolated = extrapolatedIn(attributes, facts);
  return facts;
}

/** Returns whether a run is extrapolated that has these attributes; what is said of measured samples does not count. */
export function extrapolatedIn(
  attributes: Attributes,
  { power, cpu }: Pick<RunFacts, 'power' | 'cpu'>,
): RunFacts['extrapolated'] {
  const isOne =
    (power !== undefined && isExtrapolated(attributes, predictedPower)) ||
    (cpu !== undefined && isExtrapolated(attributes, predictedCpu));
  return isOne ? 'true' : undefined;
}

/** The facts of a run that says nothing. */
export const NO_FACTS: RunFacts = {
  scenario: undefined,
  region: undefined,
  bitrate: undefined,
  encoder: undefined,
  power: undefined,
  cpu: undefined,
  extrapolated: undefined,
  streams: undefined,
  startTime: undefined,
  endTime: undefined,
  statedDuration: undefined,
  readTime: undefined,
  pue: undefined,
  restated: undefined,
  namesCloud: false,
  saysSampling: false,
  isSlice: false,
  peer: undefined,
  replayed: false,
};

/** The facts that are numbers, by their attributes. */
const numbers = {
  [Attribute.startTime]: 'startTime',
  [Attribute.endTime]: 'endTime',
  [Attribute.duration]: 'statedDuration',
  [Attribute.readTime]: 'readTime',
  [Attribute.streams]: 'streams',
  [Attribute.pue]: 'pue',
  [Attribute.restated]: 'restated',
} as const;

/** The facts that are times, each of them by its attribute. */
export const timeAttributes = [Attribute.startTime, Attribute.endTime] as const;
const times: ReadonlySet<string> = new Set(timeAttributes);

/** Reads a fact that is a number; its text counts too, since `OTEL_RESOURCE_ATTRIBUTES` knows nothing else. */
function readNumber(
  facts: { -readonly [K in keyof RunFacts]: RunFacts[K] },
  name: string,
  value: AttributeValue,
): void {
  if (!Object.hasOwn(numbers, name)) return;
  const number = times.has(name) ? timeIn(value) : numberIn(value);
  if (typeof number === 'number' && Number.isFinite(number)) facts[numbers[name as keyof typeof numbers]] = number;
}

/** Returns the time that an attribute states, in seconds since 1970, or in words what is wrong with it. */
export function timeIn(value: AttributeValue): number | string {
  return statedTime(numberIn(value));
}

/** Returns the number that a text is; any other value is the same. */
function numberIn(value: AttributeValue): AttributeValue {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isNaN(number) ? value : number;
}

/** Returns whether the points of figures would have other labels or times. */
export function hasOtherPoints(facts: RunFacts, before: RunFacts): boolean {
  if (facts === before) return false;
  const { startTime, endTime, statedDuration } = facts;
  return (
    startTime !== before.startTime ||
    endTime !== before.endTime ||
    statedDuration !== before.statedDuration ||
    figureLabels.some((name) => facts[name] !== before[name])
  );
}
