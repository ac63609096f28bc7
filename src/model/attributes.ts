import type { Attributes, AttributeValue } from '@opentelemetry/api';

/** Resource attributes that describe a run. Times are seconds since 1970-01-01 UTC, durations are seconds. */
export const Attribute = {
  scenario: 'scenario',
  region: 'region',
  bitrate: 'bitrate',
  encoder: 'encoder',
  /** How its power came about, one of the words of `power-kind.ts`. */
  power: 'power',
  /** `predicted` where its samples of CPU use are, and not measured. */
  cpu: 'cpu',
  /** Of its figures: `true` where a prediction that they rest on is outside of what its model has learnt from. */
  extrapolated: 'extrapolated',
  /** Names a run; whatever has one took place, and is no point of a stream. */
  id: 'run.id',
  streams: 'run.streams',
  /** What was encoded: runs of the same content are encodes of the same pictures. */
  content: 'run.content',
  preset: 'run.preset',
  /** The constant rate factor of an encoder. */
  crf: 'run.crf',
  /** The mean VMAF of the frames that a run wrote, 0 to 100, and the model that it is by. */
  vmafScore: 'run.vmaf_score',
  vmafModel: 'run.vmaf_model',
  /** The size of the pictures that a run wrote, as encoded, and the same by the duration of the video in seconds. */
  outputBytes: 'run.output_bytes',
  outputBitsPerSecond: 'run.output_bits_per_second',
  startTime: 'run.start_time',
  endTime: 'run.end_time',
  duration: 'run.duration',
  /** When a run was read that says nothing of its time: whatever time its samples and figures have is made of this. */
  readTime: 'run.read_time',
  /**
   * Whether samples are values at their times (`instant`, the default) or means up to the next one's (`interval`);
   * `run.sampling.power_watts` or `run.sampling.cpu_usage_cores` says it of one signal.
   */
  sampling: 'run.sampling',
  /** Energy at the meter of the data centre by that of the machine. */
  pue: 'energy.pue',
  /** What was assumed for the time that was not measured: `mean` or `predicted`. */
  fill: 'energy.fill',
  /** Of a cost of energy: the cost that includes it already, so that no sum has both. */
  includedIn: 'included_in',
  /** What the power was measured around: `package`, `host` or `facility`, …; OpenTelemetry has no name for it. */
  boundary: 'boundary',
  /** How often the figures were valued again, where they were: a price or an intensity was revised. */
  restated: 'run.restated',
  /** Names a slice of a stream of samples, its part where one slice was cut into several, and how far it reaches. */
  streamId: 'stream.id',
  streamPart: 'stream.part',
  streamPosition: 'stream.position',
  /** The name of the host of a slice of a pod or container, whose own name `host.name` is elsewhere. */
  streamHost: 'stream.host',
  /** Names of the fields that were there but could not be used. */
  refused: 'run.refused_fields',
} as const;

/** The labels that every figure carries where the run knows them. */
export const figureLabels = [
  Attribute.scenario,
  Attribute.region,
  Attribute.bitrate,
  Attribute.encoder,
  Attribute.power,
  Attribute.extrapolated,
] as const;

/** Returns the scenario of a run: the attribute `scenario`, else OpenTelemetry's `service.name`. */
export function scenarioOf(attributes: Attributes): string | undefined {
  return labelText(attributes[Attribute.scenario]) ?? labelText(attributes['service.name']);
}

/** Returns the text of an attribute that is a label; undefined where it is absent or empty. */
export function labelText(value: AttributeValue | null | undefined): string | undefined {
  return value === undefined || value === null ? undefined : String(value) || undefined;
}

/** A numeric attribute, or undefined where it is absent or not a finite number. */
export function numberOf(attributes: Attributes, name: string): number | undefined {
  const value = attributes[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/**
 * Returns labels of a run with more of them, which replace those of the same name; the ones that every figure has come
 * first. All are text.
 */
export function withLabels(labels: Readonly<Record<string, string>>, added: Attributes): Record<string, string> {
  const all: Record<string, string> = {};
  for (const name of figureLabels) {
    const value = added[name] ?? labels[name];
    if (value !== undefined && value !== '') all[name] = String(value);
  }
  for (const name of Object.keys(added)) all[name] = String(added[name]);
  return all;
}

/** Returns a name for messages: the scenario, or words that say there is none. */
export function describeRun({ scenario }: { readonly scenario?: string | undefined }): string {
  return scenario ?? 'a run without a scenario name';
}

/** Returns a text that is the same for equal attributes only, whatever their order. */
export function attributesKey(attributes: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Returns attributes without those that are null or undefined; the same object where there are none. */
export function withoutGaps(attributes: Attributes): Attributes {
  for (const name in attributes) {
    if (attributes[name] !== undefined && attributes[name] !== null) continue;
    return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null));
  }
  return attributes;
}

/** Returns whether all of some attributes are among others with the same values. */
export function isWithin(some: Attributes, all: Attributes): boolean {
  for (const name in some) if (some[name] !== all[name]) return false;
  return true;
}
