import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** What flows between stages: one measured run is one `ResourceMetrics`, and nobody edits it. */
export type Batch = Readonly<ResourceMetrics>;

/** Resource attributes that describe a run. Times are seconds since 1970-01-01 UTC, durations are seconds. */
export const Attribute = {
  scenario: 'scenario',
  region: 'region',
  bitrate: 'bitrate',
  encoder: 'encoder',
  power: 'power',
  streams: 'run.streams',
  startTime: 'run.start_time',
  endTime: 'run.end_time',
  duration: 'run.duration',
  /**
   * Whether samples are values at their times (`instant`, the default) or means up to the next one's (`interval`);
   * `run.sampling.power_watts` or `run.sampling.cpu_usage_cores` says it of one signal.
   */
  sampling: 'run.sampling',
  /** Energy at the meter of the data centre by that of the machine. */
  pue: 'energy.pue',
  /** What was assumed for the time that was not measured: `mean` or `predicted`. */
  fill: 'energy.fill',
  /** What the power was measured around: `package`, `host` or `facility`, …; OpenTelemetry has no name for it. */
  boundary: 'boundary',
  /** Names of the fields that were there but could not be used. */
  refused: 'run.refused_fields',
} as const;

const NONE: Attributes = Object.freeze({});

/** The labels that every figure carries where the run knows them. */
export const figureLabels = [
  Attribute.scenario,
  Attribute.region,
  Attribute.bitrate,
  Attribute.encoder,
  Attribute.power,
] as const;

/** The run's scenario: the attribute `scenario`, else OpenTelemetry's `service.name`. */
export function scenarioOf(attributes: Attributes): string | undefined {
  return text(attributes[Attribute.scenario]) ?? text(attributes['service.name']);
}

/** The run's region: the attribute `region`, else OpenTelemetry's `cloud.region`. */
export function regionOf(attributes: Attributes): string | undefined {
  return text(attributes[Attribute.region]) ?? text(attributes['cloud.region']);
}

/** A numeric attribute, or undefined where it is absent or not a finite number. */
export function numberOf(attributes: Attributes, name: string): number | undefined {
  const value = attributes[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The labels of a run's figures, with the `extra` ones over them; a label that the run does not know is absent. */
export function labelsOf(attributes: Attributes, extra: Attributes = NONE): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const name of figureLabels) {
    const value = extra[name] ?? known(attributes, name);
    if (value !== undefined && value !== '') labels[name] = String(value);
  }
  for (const name of Object.keys(extra)) labels[name] = String(extra[name]);
  return labels;
}

function known(attributes: Attributes, name: (typeof figureLabels)[number]): AttributeValue | undefined {
  const named = name === Attribute.scenario ? scenarioOf(attributes) : undefined;
  return named ?? (name === Attribute.region ? regionOf(attributes) : undefined) ?? attributes[name];
}

/** A name for messages: the scenario, or a word that says there is none. */
export function describeRun(batch: Batch): string {
  return scenarioOf(batch.resource.attributes) ?? 'a run without a scenario name';
}

/** Returns a text that is the same for equal attributes only, whatever their order. */
export function attributesKey(attributes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
