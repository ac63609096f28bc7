import type { Attributes } from '@opentelemetry/api';
import { Attribute } from '../model/attributes.ts';
import type { Run } from '../model/run.ts';
import { isSignal } from '../model/signals.ts';
import { isRun } from '../model/stream.ts';

/**
 * The resource attributes that tell one sender from another (OpenTelemetry semantic conventions): of each row the first that
 * is there.
 */
const IDENTIFYING = [
  ['service.namespace'],
  ['service.instance.id'],
  ['host.name', 'host.id'],
  ['k8s.node.name', 'k8s.node.uid'],
  ['k8s.namespace.name'],
  ['k8s.pod.name', 'k8s.pod.uid'],
  ['k8s.container.name', 'container.name', 'container.id'],
  ['process.pid'],
  ['process.executable.name'],
] as const;

/**
 * Returns the labels that every series of a run carries, so that two runs are never taken for one: its own, and where it
 * names no region the one that its figures name. What is no run, such as the metrics of a service, has the attributes that
 * tell its sender from others.
 */
export function runLabelsOf(run: Run): Attributes {
  const labels = run.figures.length > 0 || isRun(run) ? run.labels : { ...run.labels, ...senderOf(run) };
  if (labels[Attribute.region] !== undefined) return labels;
  const regions = new Set<unknown>(run.figures.map((figure) => figure.labels?.[Attribute.region]));
  for (const { metrics } of run.metrics) {
    for (const metric of metrics) {
      if (isSignal(metric)) continue;
      for (const { attributes } of metric.dataPoints) regions.add(attributes[Attribute.region]);
    }
  }
  // Energy is the same everywhere, and its figures may name none.
  regions.delete(undefined);
  const [region] = regions;
  return regions.size === 1 && typeof region === 'string' ? { ...labels, [Attribute.region]: region } : labels;
}

function senderOf({ attributes }: Run): Attributes {
  return Object.fromEntries(
    IDENTIFYING.flatMap((names) => {
      const name = names.find((one) => attributes[one] !== undefined && attributes[one] !== '');
      return name === undefined ? [] : [[name, attributes[name]]];
    }),
  );
}
