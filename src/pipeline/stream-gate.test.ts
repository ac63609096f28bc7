import type { Attributes } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { MemorySink } from '../../test/kit/memory-sink.ts';
import { allTaken, deferAll, Run, refuseAll } from '../plugin/index.ts';
import { refuseStreams } from './stream-gate.ts';

const { signal } = new AbortController();
const remedy = async () => 'put `slicer` before the others';

function gauge(name: string): MetricData {
  return {
    descriptor: { name, unit: '', description: '', valueType: 1 },
    dataPointType: DataPointType.GAUGE,
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
    dataPoints: [1, 2].map((time) => ({ startTime: [0, 0], endTime: [time, 0], attributes: {}, value: 100 })),
  };
}

const sent = (attributes: Attributes, ...metrics: MetricData[]) =>
  Run.from({ resource: { attributes }, scopeMetrics: [{ scope: { name: 'meter' }, metrics }] });
const host = { 'service.name': 'encoder', 'host.name': 'node-1' };

describe('a pipeline that counts no streams', () => {
  it('hands on runs with times as they came, in the same list', async () => {
    const runs = [Run.of({ scenario: 'a', 'run.end_time': 5 }), Run.of({ scenario: 'b', 'run.duration': 5 })];
    const seen: unknown[] = [];
    await refuseStreams(new MemorySink((list) => void seen.push(list)), remedy).consume(runs, signal);
    expect(seen[0]).toBe(runs);
  });

  it('refuses a stream, and says what it needs', async () => {
    const sink = new MemorySink();
    const stream = sent(host, gauge('hw.host.power'), gauge('system.cpu.time'));
    const { refused, deferred } = await refuseStreams(sink, remedy).consume([stream], signal);
    const message =
      '`hw.host.power` and 1 more of encoder is a stream, since its resource has neither `run.start_time` nor `run.id`; put `slicer` before the others';
    expect(refused).toEqual([{ run: stream, reason: 'stream', message }]);
    expect([sink.runs, deferred]).toEqual([[], []]);
  });

  it('hands on the other metrics of its resource, and counts the refused points alone', async () => {
    const sink = new MemorySink();
    const mixed = sent(host, gauge('hw.host.power'), gauge('queue.length'));
    const { refused } = await refuseStreams(sink, remedy).consume([mixed], signal);
    expect(refused).toMatchObject([{ run: mixed, reason: 'stream', points: 2 }]);
    expect(sink.runs.map((run) => run.scopeMetrics)).toEqual([
      [{ scope: { name: 'meter' }, metrics: [gauge('queue.length')] }],
    ]);
  });

  it('settles a resource once: what is deferred of it comes again whole, and what is refused twice is refused', async () => {
    const mixed = sent(host, gauge('hw.host.power'), gauge('queue.length'));
    const later = new MemorySink((runs) => deferAll(runs, new Error('no room')));
    expect(await refuseStreams(later, remedy).consume([mixed], signal)).toMatchObject({
      refused: [],
      deferred: [mixed],
    });
    const never = new MemorySink((runs) => refuseAll(runs, 'bad', 'it is bad'));
    const { refused } = await refuseStreams(never, remedy).consume([mixed], signal);
    expect(refused).toEqual([{ run: mixed, reason: 'bad', message: 'it is bad' }]);
  });

  it('takes a run that has an id alone for the time of its samples', async () => {
    const sink = new MemorySink();
    const job = sent({ 'run.id': 'job-7', 'service.name': 'encoder' }, gauge('hw.host.power'));
    expect(await refuseStreams(sink, remedy).consume([job], signal)).toEqual(allTaken);
    expect(sink.runs.map(({ startTime, endTime }) => [startTime, endTime])).toEqual([[1, 2]]);
  });

  it('passes figures and metrics of others, which are no streams', async () => {
    const sink = new MemorySink();
    const others = [sent(host, gauge('queue.length')), sent(host, gauge('cost_total_load_aware'))];
    expect(await refuseStreams(sink, remedy).consume(others, signal)).toEqual(allTaken);
    expect(sink.runs).toEqual(others);
  });
});
