import { createRequire } from 'node:module';
import protobuf from 'protobufjs/light.js';
import { runText } from './results-text.ts';

const require = createRequire(import.meta.url);
const POINTS = 50;
const RUNS = 10;
const SIGNALS = { power_watts: ['hw.host.power', 'W'], cpu_usage_cores: ['container.cpu.usage', '{cpu}'] } as const;

/** How many points a body has: of ten runs, power and CPU use of 50 samples each. */
export const POINTS_A_BODY = RUNS * Object.keys(SIGNALS).length * POINTS;

interface GeneratedRun {
  readonly name: string;
  readonly region: string;
  readonly start_time: number;
  readonly step_seconds: number;
  readonly power_watts: readonly number[];
  readonly cpu_usage_cores: readonly number[];
}

/** Requests of OTLP in protobuf, each with other runs. */
export function otlpBodies(count: number): Buffer[] {
  const type = protobuf.Root.fromJSON(require('../peers/otlp-schema.cjs')).lookupType('ExportMetricsServiceRequest');
  return Array.from({ length: count }, (_, body) => {
    const runs = Array.from({ length: RUNS }, (_, index) => JSON.parse(runText(body * RUNS + index, POINTS)));
    return Buffer.from(type.encode(type.fromObject({ resourceMetrics: runs.map(resourceMetrics) })).finish());
  });
}

function resourceMetrics(run: GeneratedRun): object {
  const { name: scenario, region, start_time } = run;
  const said = { scenario, region, 'run.start_time': String(start_time) };
  const attributes = Object.entries(said).map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const metrics = Object.entries(SIGNALS).map(([field, [name, unit]]) => {
    const values = run[field as keyof typeof SIGNALS];
    const dataPoints = values.map((asDouble, index) => ({
      timeUnixNano: `${run.start_time + index * run.step_seconds}000000000`,
      asDouble,
    }));
    return { name, unit, gauge: { dataPoints } };
  });
  return { resource: { attributes }, scopeMetrics: [{ scope: { name: 'bench' }, metrics }] };
}
