import type { LabelReader, Meaning } from 'wattline/figures';
import type { Form } from './increments.ts';

/**
 * Returns what keeps meters of one metric of a host apart: of gauges and deltas the device; of counters how their points are
 * labelled, since two that label CPUs in two ways measure the same CPUs. It is empty where nothing does.
 */
export function groupOf(
  { source: names, isOfResource, boundary }: Meaning,
  form: Form,
  source: string,
  labels: LabelReader,
): string {
  if (isOfResource || !names || source.startsWith('[[')) return '';
  if (form !== 'counter') return source;
  const labelled = names.filter((name) => labels(name) !== undefined).join();
  return boundary === 'system' ? `${labelled} ${cpuStyle(labels)}` : labelled;
}

/** Returns whether the meters of a group are those of single CPUs. */
export function isPerCpu(group: string): boolean {
  return group.endsWith(' number') || group.endsWith(' name');
}

/** How a point names its CPU: `0`, `cpu0`, or in another way, such as `cpu-total`. */
function cpuStyle(labels: LabelReader): 'number' | 'name' | 'none' {
  const cpu = labels('cpu.logical_number') ?? labels('cpu') ?? '';
  return /^\d+$/.test(cpu) ? 'number' : /^cpu\d+$/.test(cpu) ? 'name' : 'none';
}
