import { describe, expect, it } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { keyOf, readCounts } from './counts.ts';

/** Counts as they come out of real instruments, filled by the test. */
async function countsOf(fill: (add: (name: string, attributes: object, value: number) => void) => void) {
  const { ctx } = createTestContext();
  fill((name, attributes, value) => ctx.meter.createCounter(name).add(value, { ...attributes }));
  return readCounts((await ctx.telemetry.collect()).resourceMetrics);
}

describe('counts', () => {
  it('are those of own metrics, by stage; of processors by pipeline', async () => {
    const { points, process, version } = await countsOf((add) => {
      add('otelcol_receiver_accepted_metric_points', { receiver: 'http' }, 5);
      add('otelcol_receiver_refused_metric_points', { receiver: 'http' }, 2);
      add('otelcol_receiver_failed_metric_points', { receiver: 'http' }, 1);
      add('otelcol_processor_incoming_items', { processor: 'cost', pipeline: 'metrics/a' }, 7);
      add('otelcol_processor_outgoing_items', { processor: 'cost', pipeline: 'metrics/a' }, 8);
      add('otelcol_processor_incoming_items', { processor: 'cost', pipeline: 'metrics/b' }, 9);
      add('otelcol_exporter_sent_metric_points', { exporter: 'http' }, 3);
      add('otelcol_exporter_send_failed_metric_points', { exporter: 'http' }, 4);
      add('otelcol_process_cpu_seconds', {}, 1.5);
      add('wattline_predictor_r2', { processor: 'predictor' }, 1);
    });
    expect(Object.fromEntries(points)).toEqual({
      [keyOf({ kind: 'receiver', id: 'http' })]: { out: 5, refused: 2, failed: 1 },
      [keyOf({ kind: 'processor', id: 'cost', pipeline: 'metrics/a' })]: { in: 7, out: 8 },
      [keyOf({ kind: 'processor', id: 'cost', pipeline: 'metrics/b' })]: { in: 9 },
      [keyOf({ kind: 'exporter', id: 'http' })]: { out: 3, failed: 4 },
    });
    expect(process).toEqual({ cpu_seconds: 1.5 });
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('have queues, and what was skipped', async () => {
    const { queues, skipped } = await countsOf((add) => {
      add('otelcol_exporter_queue_size', { exporter: 'otlphttp/a' }, 3);
      add('otelcol_exporter_queue_capacity', { exporter: 'otlphttp/a' }, 10);
      add('wattline_skipped_total', { processor: 'co2', item: 'co2_emissions_kg', reason: 'no_region' }, 2);
    });
    expect([...queues.values()]).toEqual([{ size: 3, capacity: 10 }]);
    expect(queues.has(keyOf({ kind: 'exporter', id: 'otlphttp/a' }))).toBe(true);
    expect(skipped).toEqual([{ component: 'processor co2', item: 'co2_emissions_kg', reason: 'no_region', count: 2 }]);
  });
});
