import { labelsFrom } from 'wattline/figures';
import { isRun, type Run } from 'wattline/plugin';
import { type Point, SeriesLabels } from 'wattline/prometheus';

/** What the series that describes a target says of itself. */
export const targetInfo = { name: 'target_info', type: 'gauge', help: 'Target metadata', unit: '' } as const;

/**
 * Returns the point that says what the resource of a service is, by `job` and `instance` as OpenTelemetry makes them of
 * `service.*`, at a time in milliseconds since 1970. Undefined where it is a run, or names no service.
 */
export function targetInfoOf(run: Run, time: number): Point | undefined {
  if (isRun(run)) return undefined;
  const {
    'service.name': name,
    'service.namespace': namespace,
    'service.instance.id': instance,
    ...others
  } = run.attributes;
  if ((name === undefined && instance === undefined) || Object.keys(others).length === 0) return undefined;
  const job = namespace === undefined || name === undefined ? name : `${namespace}/${name}`;
  const labels = labelsFrom({ ...others, job, instance });
  return { name: targetInfo.name, labels: new SeriesLabels(labels), time, value: 1 };
}
