import { type Attributes, DiagLogLevel, diag, type HrTime, ValueType } from '@opentelemetry/api';
import { OTLPMetricExporter as JsonExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationTemporality,
  DataPointType,
  type GaugeMetricData,
  MeterProvider,
  type MetricProducer,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it } from 'vitest';
import { parseExposition, seriesValue } from '../kit/exposition.ts';
import { type ResultsRun, twoRuns, twoRunsFigures } from '../kit/results.ts';
import { freePort, startWattline, type WattlineProcess } from '../kit/wattline-process.ts';

const FIGURES = /^(?:cost_(?:total|energy|compute)_load_aware|co2_emissions_kg)\{/;
const running: WattlineProcess[] = [];

afterEach(async () => {
  for (const wattline of running.splice(0)) expect(await wattline.stop()).toBe(0);
});

async function start(config: string, port: number) {
  const wattline = await startWattline({ config });
  running.push(wattline);
  await wattline.waitFor(`http://127.0.0.1:${port}/health`);
  const page = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return {
    url: `http://127.0.0.1:${port}`,
    logs: wattline.logs,
    samples: async () => parseExposition(await page()),
    /** The lines of the figures, with their times. */
    figures: async () =>
      (await page())
        .split('\n')
        .filter((line) => FIGURES.test(line))
        .sort(),
  };
}

/** A Wattline that computes figures, serves them, and sends everything on. */
const first = (port: number, otlphttp: string) => `
receivers: { http: { endpoint: 127.0.0.1:${port} } }
processors:
  cost: { region: us-east-1 }
  co2: { region: us-east-1 }
exporters:
  prometheus: { endpoint: 127.0.0.1:${port}, send_timestamps: true }
  otlphttp: ${otlphttp}
service:
  pipelines:
    metrics: { receivers: [http], processors: [cost, co2], exporters: [prometheus, otlphttp] }
`;

/** A Wattline that serves what it is sent. */
const second = (port: number) => `
receivers: { http: { endpoint: 127.0.0.1:${port} } }
exporters: { prometheus: { endpoint: 127.0.0.1:${port}, send_timestamps: true } }
service: { pipelines: { metrics: { receivers: [http], exporters: [prometheus] } } }
`;

async function startBoth(otlphttp: string) {
  const [port, next] = [await freePort(), await freePort()];
  const receiver = await start(second(next), next);
  return {
    first: await start(first(port, `{ endpoint: http://127.0.0.1:${next}, ${otlphttp} }`), port),
    second: receiver,
  };
}

/** A client of the OpenTelemetry SDK. */
function sdkExporter(encoding: string, compression: string, url: string): PushMetricExporter {
  const options = { url: `${url}/v1/metrics`, compression, timeoutMillis: 20_000 } as object;
  // The exporters bring their own copy of the SDK's types.
  return (encoding === 'proto'
    ? new ProtobufExporter(options)
    : new JsonExporter(options)) as unknown as PushMetricExporter;
}

/** A run of a results file as the SDK has it, with its samples under the given names. */
function toResourceMetrics(run: ResultsRun, [power, cpu]: readonly [string, string]): ResourceMetrics {
  const start = run.start_time as number;
  const step = run.step_seconds as number;
  const gauge = (name: string, unit: string, values: readonly number[]): GaugeMetricData => ({
    descriptor: { name, unit, description: '', valueType: ValueType.DOUBLE },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: values.map((value, index) => {
      const time: HrTime = [start + index * step, 0];
      return { startTime: time, endTime: time, attributes: {}, value };
    }),
  });
  const metrics = [
    gauge(power, 'W', run.power_watts as number[]),
    gauge(cpu, '{cpu}', run.cpu_usage_cores as number[]),
  ];
  return { resource: resourceFromAttributes(attributesOf(run)), scopeMetrics: [{ scope: { name: 'test' }, metrics }] };
}

function attributesOf(run: ResultsRun): Attributes {
  const { name: scenario, bitrate, encoder_type: encoder, start_time, end_time, duration } = run;
  const times = { 'run.start_time': start_time, 'run.end_time': end_time, 'run.duration': duration };
  return { scenario, region: 'us-east-1', bitrate, encoder, ...times } as Attributes;
}

/** Sends a run through a meter provider with a periodic reader, as an instrumented program does. */
async function sendByProvider(
  exporter: PushMetricExporter,
  { resource, scopeMetrics }: ResourceMetrics,
): Promise<void> {
  const producer: MetricProducer = {
    collect: async () => ({ resourceMetrics: { resource, scopeMetrics }, errors: [] }),
  };
  const reader = new PeriodicExportingMetricReader({
    exporter,
    exportIntervalMillis: 3_600_000,
    metricProducers: [producer],
  });
  const provider = new MeterProvider({ resource, readers: [reader] });
  await provider.forceFlush();
  await provider.shutdown();
}

function sendDirectly(exporter: PushMetricExporter, metrics: ResourceMetrics): Promise<void> {
  return new Promise((resolve, reject) => {
    exporter.export(metrics, ({ error }) => (error ? reject(error) : resolve()));
  });
}

const openTelemetryNames = ['hw.host.power', 'container.cpu.usage'] as const;
const resultsNames = ['power_watts', 'cpu_usage_cores'] as const;
/** A run whose numbers need all of their digits. */
const awkward: ResultsRun = {
  ...twoRuns.scenarios[0],
  name: 'every digit counts',
  power_watts: Array.from({ length: 10 }, (_, index) => 100 / (index + 3)),
  cpu_usage_cores: Array.from({ length: 10 }, (_, index) => Math.sqrt(index + 0.1)),
};

describe('the OpenTelemetry SDK feeds one Wattline, and that another', () => {
  it.each([
    ['proto', 'gzip'],
    ['proto', 'none'],
    ['json', 'gzip'],
    ['json', 'none'],
  ])('in %s with compression %s: figures are right, and the same on both', async (encoding, compression) => {
    const wattlines = await startBoth(`encoding: ${encoding}, compression: ${compression}`);
    const { url } = wattlines.first;
    const [one, two] = twoRuns.scenarios;
    const exporter = () => sdkExporter(encoding, compression, url);
    await sendByProvider(exporter(), toResourceMetrics(one, openTelemetryNames));
    await sendDirectly(exporter(), toResourceMetrics(two, resultsNames));
    await sendDirectly(exporter(), toResourceMetrics(awkward, openTelemetryNames));
    const samples = await wattlines.first.samples();
    for (const [metric, byScenario] of Object.entries(twoRunsFigures)) {
      for (const [scenario, expected] of Object.entries(byScenario)) {
        const bitrate = scenario.split(' @ ')[1] as string;
        const labels = { scenario, region: 'us-east-1', bitrate, encoder: 'libx264' };
        const value = seriesValue(samples, metric, labels) as number;
        expect(Math.abs(value / expected - 1), `${metric} of ${scenario}`).toBeLessThan(1e-12);
      }
    }
    const figures = await wattlines.first.figures();
    expect(figures).toHaveLength(12);
    expect(figures.filter((line) => line.endsWith(' 1705315920500'))).toHaveLength(8);
    expect(await wattlines.second.figures()).toEqual(figures);
  });

  it('with the latest value of an instrument, which counts for the duration of its run', async () => {
    const wattlines = await startBoth('encoding: proto');
    const attributes = { 'service.name': 'by instrument', 'cloud.region': 'us-west-2', 'run.duration': 60 };
    const exporter = sdkExporter('proto', 'gzip', wattlines.first.url);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 });
    const provider = new MeterProvider({ resource: resourceFromAttributes(attributes), readers: [reader] });
    provider.getMeter('test').createGauge('hw.host.power', { unit: 'W' }).record(120);
    await provider.shutdown();
    const labels = { scenario: 'by instrument', region: 'us-west-2' };
    for (const { samples } of [wattlines.first, wattlines.second]) {
      expect(seriesValue(await samples(), 'co2_emissions_kg', labels)).toBe(((120 * 60) / 3.6e6) * 0.3);
    }
  });
});

describe('results posted to one Wattline', () => {
  it('come out of the next', async () => {
    const wattlines = await startBoth('encoding: proto');
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(twoRuns);
    const response = await fetch(`${wattlines.first.url}/v1/results`, { method: 'POST', headers, body });
    expect(await response.json()).toEqual({ accepted: 2, refused: [], refused_total: 0 });
    const figures = await wattlines.first.figures();
    expect(figures).toHaveLength(8);
    expect(await wattlines.second.figures()).toEqual(figures);
  });
});

describe('what cannot be taken', () => {
  afterEach(() => diag.disable());

  it.each(['proto', 'json'])('is told to the SDK in a partial success, in %s', async (encoding) => {
    const warnings: string[] = [];
    const ignore = () => {};
    const warn = (...parts: unknown[]) => warnings.push(parts.join(' '));
    diag.setLogger({ verbose: ignore, debug: ignore, info: ignore, error: ignore, warn }, DiagLogLevel.WARN);
    const { first: wattline } = await startBoth('encoding: proto');
    const run = { ...awkward, power_watts: [1, Number.POSITIVE_INFINITY, 3] };
    await sendDirectly(sdkExporter(encoding, 'gzip', wattline.url), toResourceMetrics(run, openTelemetryNames));
    expect(warnings.join()).toMatch(/Partial Success.*"rejectedDataPoints":"?3\b.*hw\.host\.power/);
    const samples = await wattline.samples();
    const labels = { scenario: awkward.name };
    expect(seriesValue(samples, 'cost_compute_load_aware', labels)).toBeGreaterThan(0);
    expect(seriesValue(samples, 'cost_energy_load_aware', labels)).toBeUndefined();
    expect(seriesValue(samples, 'wattline_skipped_total', { receiver: 'http', item: 'power_watts' })).toBe(1);
  });

  it('is kept by the SDK while the Wattline behind is away, and arrives when it is back', async () => {
    const [port, next] = [await freePort(), await freePort()];
    const retries = 'retry_on_failure: { enabled: false }';
    const wattline = await start(first(port, `{ endpoint: http://127.0.0.1:${next}, ${retries} }`), port);
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(awkward);
    const refused = await fetch(`${wattline.url}/v1/results`, { method: 'POST', headers, body });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await refused.json()).toMatchObject({ accepted: 0, message: expect.stringContaining('ECONNREFUSED') });
    const sent = sendDirectly(sdkExporter('proto', 'none', wattline.url), toResourceMetrics(awkward, resultsNames));
    const receiver = await start(second(next), next);
    await sent;
    expect(await receiver.figures()).toHaveLength(4);
    expect(await receiver.figures()).toEqual(await wattline.figures());
  });
});
