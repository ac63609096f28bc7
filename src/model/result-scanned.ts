import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { Attribute } from './attributes.ts';
import type { Field, Fields, FieldValue } from './result-fields.ts';
import { type ParsedRun, RESULTS_SCOPE, type ResultsOptions } from './result-run.ts';
import { LATEST_TIME } from './result-samples.ts';
import { makeRunOf } from './run.ts';
import { type SampledGauge, Series, toHrTime } from './series.ts';
import { cpuUsage, hostPower, type Signal, signalGauge } from './signals.ts';

/** A value that `parseRun` has something to say about. */
const ODD = Symbol('odd');
const NOTHING_REFUSED: ParsedRun['refusals'] = Object.freeze([]);

/** Makes of scanned fields what `parseRun` makes of them, or undefined where it would refuse one. */
export function scannedRun(fields: Fields, options: ResultsOptions): ParsedRun | undefined {
  const attributes = runAttributes(fields, options);
  if (!attributes) return undefined;
  const power = sampled(fields.power, hostPower, fields, attributes);
  if (power === ODD) return undefined;
  const cpu = sampled(fields.cpu, cpuUsage, fields, attributes);
  if (cpu === ODD) return undefined;
  return { batch: makeRunOf(attributes, RESULTS_SCOPE, both(power, cpu)), refusals: NOTHING_REFUSED };
}

/** A list that has room for no more than there is, since it lives as long as its run. */
function both(power: SampledGauge | undefined, cpu: SampledGauge | undefined): SampledGauge[] {
  if (power) return cpu ? [power, cpu] : [power];
  return cpu ? [cpu] : [];
}

function runAttributes(fields: Fields, options: ResultsOptions): Attributes | undefined {
  const name = fields.name.value;
  if (typeof name !== 'string' || name.trim() === '') return undefined;
  const region = labelOf(fields.region.value);
  const bitrate = labelOf(fields.bitrate.value);
  const encoder = labelOf(fields.encoder.value);
  const encoderType = labelOf(fields.encoderType.value);
  const start = timeIn(fields.startTime.value);
  const end = timeIn(fields.endTime.value);
  const duration = timeIn(fields.duration.value);
  if (region === ODD || bitrate === ODD || encoder === ODD || encoderType === ODD) return undefined;
  if (start === ODD || end === ODD || duration === ODD) return undefined;
  if (start !== undefined && end !== undefined && end < start) return undefined;
  const attributes: Record<string, AttributeValue> = { [Attribute.scenario]: name };
  if (region !== undefined) attributes[Attribute.region] = region;
  if (bitrate !== undefined) attributes[Attribute.bitrate] = bitrate;
  if (encoder !== undefined) attributes[Attribute.encoder] = encoder;
  if (encoderType !== undefined) attributes[Attribute.encoder] = encoderType;
  if (start !== undefined) attributes[Attribute.startTime] = start;
  if (end !== undefined) attributes[Attribute.endTime] = end;
  if (duration !== undefined) attributes[Attribute.duration] = duration;
  const streams = fields.streams.value;
  if (typeof streams === 'number' && Number.isInteger(streams) && streams >= 0) attributes[Attribute.streams] = streams;
  else if (streams !== undefined && streams !== null) return undefined;
  for (const { attribute, value } of fields.others) {
    if (attribute !== undefined && value !== null) attributes[attribute] = value as AttributeValue;
  }
  const sampling = fields.sampling.value ?? options.sampling;
  if (sampling === 'instant' || sampling === 'interval') attributes[Attribute.sampling] = sampling;
  else if (sampling !== undefined) return undefined;
  if (end === undefined) {
    attributes[Attribute.endTime] = start === undefined ? options.fallbackTime : start + (duration ?? 0);
  }
  return attributes;
}

function labelOf(value: FieldValue): string | undefined | typeof ODD {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number') return String(value);
  return value === undefined || value === null ? undefined : ODD;
}

function timeIn(value: FieldValue): number | undefined | typeof ODD {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' && value >= 0 && value < LATEST_TIME ? value : ODD;
}

function sampled(
  { value: list, sum }: Field,
  signal: Signal,
  { step: { value: step }, timestamps: { value: timestamps } }: Fields,
  attributes: Attributes,
): SampledGauge | undefined | typeof ODD {
  if (list === undefined || list === null) return undefined;
  if (!(list instanceof Float64Array)) return ODD;
  if (list.length === 0) return undefined;
  if (timestamps !== undefined && timestamps !== null) {
    const series = timestamps instanceof Float64Array ? atTimes(timestamps, list) : undefined;
    return series ? signalGauge(signal, series) : ODD;
  }
  if (typeof step !== 'number' || step <= 0 || step >= LATEST_TIME) return ODD;
  const start = attributes[Attribute.startTime] as number | undefined;
  const end = attributes[Attribute.endTime] as number;
  const steps = attributes[Attribute.sampling] === 'interval' ? list.length : list.length - 1;
  return signalGauge(
    signal,
    Series.regular(toHrTime(start ?? end - step * steps), step, list, Number.isNaN(sum) ? undefined : sum),
  );
}

function atTimes(times: Float64Array, values: Float64Array): Series | undefined {
  const { length } = times;
  if (length !== values.length) return undefined;
  const first = times[0] as number;
  const offsets = new Float64Array(length);
  let before = -1;
  for (let i = 0; i < length; i++) {
    const time = times[i] as number;
    if (!(time > before && time < LATEST_TIME)) return undefined;
    offsets[i] = time - first;
    before = time;
  }
  return Series.irregular(toHrTime(first), offsets, values);
}
