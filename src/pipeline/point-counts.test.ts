import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { expect, it } from 'vitest';
import { figureGauge, makeRun } from '../plugin/index.ts';
import { addedUp, PointCounts } from './point-counts.ts';

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const { signal } = new AbortController();
const bare = makeRun({ scenario: 'a', 'run.end_time': 1 }, 'test', []);
const gauge = figureGauge({ name: 'cost', unit: '{USD}', description: 'A price' }, 1, bare);
const run = makeRun({ scenario: 'a' }, 'test', [gauge, gauge]);

it('counts what each processor of each pipeline is given, and goes on where one is made anew', async () => {
  const reader = new Reader();
  const counts = new PointCounts('processor', new MeterProvider({ readers: [reader] }).getMeter('test'));
  const incoming = (processor: string, pipeline: string) =>
    counts.of('otelcol_processor_incoming_items', { processor, pipeline });
  const outgoing = (processor: string, pipeline: string) =>
    counts.of('otelcol_processor_outgoing_items', { processor, pipeline });
  const taken: unknown[] = [];
  const sink = { consume: async (batch: unknown) => void taken.push(batch) };
  const refusing = { consume: () => Promise.reject(new Error('away')) };
  for (let i = 0; i < 2; i++) await addedUp(sink, incoming('cost', 'metrics')).consume(run, signal);
  await addedUp(sink, outgoing('cost', 'metrics')).consume(run, signal);
  await addedUp(sink, outgoing('cost', 'metrics/b')).consume(bare, signal);
  const refused = addedUp(refusing, incoming('cost', 'metrics/b')).consume(run, signal);
  await expect(refused).rejects.toThrow('away');
  expect(taken).toEqual([run, run, run, bare]);
  const { resourceMetrics } = await reader.collect();
  const counted = resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [descriptor.name, attributes.processor, attributes.pipeline, value]),
    ),
  );
  expect(counted).toEqual([
    ['otelcol_processor_incoming_items', 'cost', 'metrics', 4],
    ['otelcol_processor_incoming_items', 'cost', 'metrics/b', 2],
    ['otelcol_processor_outgoing_items', 'cost', 'metrics', 2],
    ['otelcol_processor_outgoing_items', 'cost', 'metrics/b', 0],
  ]);
});
