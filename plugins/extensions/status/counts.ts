import type { Attributes } from '@opentelemetry/api';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { StageStatus } from 'wattline/plugin';

/** The names of Wattline's own metrics that count data points, and the field that each fills. */
const COUNTS: Readonly<Record<string, keyof Points>> = {
  otelcol_receiver_accepted_metric_points: 'out',
  otelcol_receiver_refused_metric_points: 'refused',
  otelcol_receiver_failed_metric_points: 'failed',
  otelcol_processor_incoming_items: 'in',
  otelcol_processor_outgoing_items: 'out',
  otelcol_exporter_sent_metric_points: 'out',
  otelcol_exporter_send_failed_metric_points: 'failed',
};
const QUEUE = { otelcol_exporter_queue_size: 'size', otelcol_exporter_queue_capacity: 'capacity' } as const;
const PROCESS = {
  otelcol_process_uptime: 'uptime_seconds',
  otelcol_process_cpu_seconds: 'cpu_seconds',
  otelcol_process_memory_rss: 'memory_rss_bytes',
} as const;

/** Data points since the process started; of a receiver and an exporter, `out` counts what was delivered. */
export interface Points {
  in?: number;
  out?: number;
  /** Points that the pipeline could not accept at the time. */
  refused?: number;
  failed?: number;
}

/** The runs in a sending queue, and its capacity. */
export interface Queue {
  size?: number;
  capacity?: number;
}

/** Skipped items of a component, with their number. */
export interface SkipCount {
  readonly component: string;
  readonly item: string;
  readonly reason: string;
  readonly count: number;
}

/** The values of Wattline's own metrics at one moment, by stage. */
export type Counts = ReturnType<typeof readCounts>;

/** Returns the key of a stage's counts; processors are counted by pipeline. */
export function keyOf({ kind, id, pipeline }: Pick<StageStatus, 'kind' | 'id' | 'pipeline'>): string {
  return JSON.stringify([kind, id, kind === 'processor' ? pipeline : undefined]);
}

/** Returns the counts in Wattline's own metrics. */
export function readCounts({ resource, scopeMetrics }: ResourceMetrics) {
  const points = new Map<string, Points>();
  const queues = new Map<string, Queue>();
  const skipped: SkipCount[] = [];
  const process: Partial<Record<(typeof PROCESS)[keyof typeof PROCESS], number>> = {};
  for (const { descriptor, dataPoints } of scopeMetrics.flatMap(({ metrics }) => metrics)) {
    for (const { attributes, value } of dataPoints) {
      if (typeof value !== 'number') continue;
      const { name } = descriptor;
      if (COUNTS[name]) entryOf(points, attributes)[COUNTS[name]] = value;
      else if (isIn(QUEUE, name)) entryOf(queues, attributes)[QUEUE[name]] = value;
      else if (isIn(PROCESS, name)) process[PROCESS[name]] = value;
      else if (name === 'wattline_skipped_total') skipped.push(skipCount(attributes, value));
    }
  }
  const version = resource.attributes['service.version'];
  return { points, queues, skipped, process, version: version === undefined ? undefined : String(version) };
}

function isIn<T extends object>(names: T, name: string): name is keyof T & string {
  return Object.hasOwn(names, name);
}

function entryOf<T extends object>(entries: Map<string, T>, { pipeline, ...component }: Attributes): T {
  const [[kind, id] = ['', '']] = Object.entries(component);
  const key = keyOf({ kind: kind as StageStatus['kind'], id: String(id), pipeline: pipeline as string | undefined });
  const entry = entries.get(key) ?? ({} as T);
  entries.set(key, entry);
  return entry;
}

function skipCount({ item, reason, ...component }: Attributes, count: number): SkipCount {
  const [named = []] = Object.entries(component);
  return { component: named.join(' '), item: String(item), reason: String(reason), count };
}
