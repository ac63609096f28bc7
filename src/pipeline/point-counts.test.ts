import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { allTaken, deferAll, figure, type Outcome, Run, refuseAll } from '../plugin/index.ts';
import { Destination, Edge } from './edge.ts';
import { exporterOutcomes, PointCounts, receiverOutcomes } from './point-counts.ts';
import { StageHealth } from './stage-health.ts';

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const { signal } = new AbortController();
const cost = figure({ name: 'cost', unit: '{USD}', description: 'A price' }, 1);
const bare = Run.of({ scenario: 'a', 'run.end_time': 1 });
const run = Run.of({ scenario: 'a' }, { figures: [cost, cost] });
const longer = run.with({ figures: [cost] });

/** What a reader reads, as name, attributes and value. */
async function readBy(reader: Reader) {
  const { resourceMetrics } = await reader.collect();
  return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes, value }) => [descriptor.name, ...Object.values(attributes), value]),
    ),
  );
}

it('counts what each processor of each pipeline is given, and goes on where one is made anew', async () => {
  const reader = new Reader();
  const counts = new PointCounts('processor', new MeterProvider({ readers: [reader] }).getMeter('test'));
  const edge = (processor: string, pipeline: string, consume: () => Promise<Outcome>) => {
    const names = { processor, pipeline };
    const made = new Edge({ outgoing: counts.of('otelcol_processor_outgoing_items', names) });
    const incoming = counts.of('otelcol_processor_incoming_items', names);
    made.connect(new Destination({ consume }, { incoming }));
    return made;
  };
  const taking = async () => allTaken;
  const refusing = () => Promise.reject(new Error('away'));
  for (let i = 0; i < 2; i++) await edge('cost', 'metrics', taking).consume([run, bare], signal);
  const { deferred } = await edge('cost', 'metrics/b', refusing).consume([run], signal);
  expect(deferred).toEqual([run]);
  expect(await readBy(reader)).toEqual([
    ['otelcol_processor_incoming_items', 'cost', 'metrics', 4],
    ['otelcol_processor_incoming_items', 'cost', 'metrics/b', 2],
    ['otelcol_processor_outgoing_items', 'cost', 'metrics', 4],
    ['otelcol_processor_outgoing_items', 'cost', 'metrics/b', 2],
  ]);
});

describe('the outcome of runs', () => {
  const mixed: Outcome = {
    refused: [{ run, reason: 'bad', message: 'never' }],
    deferred: [longer],
    cause: new Error('later'),
  };

  it('is counted for receivers as accepted, failed for good, and refused for now', async () => {
    const reader = new Reader();
    const counts = new PointCounts('receiver', new MeterProvider({ readers: [reader] }).getMeter('test'));
    const count = receiverOutcomes(counts, 'file', new StageHealth());
    count([run, run], allTaken);
    count([run, longer, cost5()], mixed);
    expect(await readBy(reader)).toEqual([
      ['otelcol_receiver_accepted_metric_points', 'file', 9],
      ['otelcol_receiver_failed_metric_points', 'file', 2],
      ['otelcol_receiver_refused_metric_points', 'file', 3],
    ]);
  });

  it('is counted for exporters as sent or failed', async () => {
    const reader = new Reader();
    const counts = new PointCounts('exporter', new MeterProvider({ readers: [reader] }).getMeter('test'));
    const count = exporterOutcomes(counts, 'otlp', new StageHealth());
    count([run, longer, cost5()], mixed);
    expect(await readBy(reader)).toEqual([
      ['otelcol_exporter_send_failed_metric_points', 'otlp', 5],
      ['otelcol_exporter_sent_metric_points', 'otlp', 5],
    ]);
    count([cost5()], allTaken, 2);
    expect(await readBy(reader)).toEqual([
      ['otelcol_exporter_send_failed_metric_points', 'otlp', 7],
      ['otelcol_exporter_sent_metric_points', 'otlp', 8],
    ]);
  });

  it('is noted in the health of the stage where something was not taken', () => {
    const health = new StageHealth();
    const meter = new MeterProvider().getMeter('test');
    const count = exporterOutcomes(new PointCounts('exporter', meter), 'otlp', health);
    count([run], allTaken);
    expect(health.lastError).toBeUndefined();
    count([run], refuseAll([run], 'bad', 'never'));
    expect(health.lastError?.message).toBe('never');
    count([run], deferAll([run], new Error('away')));
    expect(health.lastError?.message).toBe('away');
    count([run, longer], mixed);
    expect(health.lastError?.message).toBe('later');
  });

  /** A run with five points. */
  function cost5(): Run {
    return Run.of({ scenario: 'five' }, { figures: [cost, cost, cost, cost, cost] });
  }
});
