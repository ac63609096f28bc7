import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import { hostOfAddress, isLoopback } from '../plugin/index.ts';

/** The metrics of one target of another Prometheus; without an instance those of the page's own server. */
export interface Instance {
  readonly instance: string | undefined;
  readonly job: string | undefined;
  readonly metrics: readonly MetricData[];
}

/** Returns the metrics of a page by the labels `instance` and `job`, which what a Prometheus federates has of each target. */
export function byInstance(metrics: readonly MetricData[]): Instance[] {
  const instances = new Map<string, { instance: string | undefined; job: string | undefined; metrics: MetricData[] }>();
  for (const metric of metrics) {
    const parts = Map.groupBy<string, Point>(metric.dataPoints, ({ attributes: { instance, job } }) =>
      instance === undefined ? '' : JSON.stringify([instance, job]),
    );
    for (const [key, points] of parts) {
      const [instance, job]: (string | undefined)[] = key === '' ? [] : JSON.parse(key);
      const one = instances.get(key) ?? { instance, job: job ?? undefined, metrics: [] };
      instances.set(key, one);
      const dataPoints = key === '' ? points : points.map(withoutTarget);
      one.metrics.push({ ...metric, dataPoints } as MetricData);
    }
  }
  return [...instances.values()];
}

/**
 * Returns what the runs of a federated target say of it, by the attributes of the server that federates it. An instance with
 * a loopback address is on the machine of that server.
 */
export function instanceAttributes(server: Attributes, instance: string, job: string | undefined): Attributes {
  const host = hostOfAddress(instance) ?? instance;
  const own = { ...(job !== undefined && { 'service.name': job }), 'service.instance.id': instance };
  if (isLoopback(host)) return { ...server, ...own };
  const { 'server.port': _port, 'host.name': _host, ...rest } = server;
  return { ...rest, ...own, 'server.address': host };
}

type Point = MetricData['dataPoints'][number];

function withoutTarget(point: Point): Point {
  const { instance: _instance, job: _job, ...attributes } = point.attributes;
  return { ...point, attributes };
}
