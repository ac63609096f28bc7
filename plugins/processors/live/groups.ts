import type { LabelReader, Meaning } from 'wattline/figures';

/**
 * Returns what keeps the counters of one metric of a host apart: how their points are labelled, since two that label CPUs in
 * two ways measure the same CPUs. It is empty where nothing does.
 */
export function labelling(meaning: Meaning, source: string, labels: LabelReader): string {
  if (deviceOf(meaning, source) === '') return '';
  const labelled = (meaning.source ?? []).filter((name) => labels(name) !== undefined).join();
  return meaning.boundary === 'system' ? `${labelled} ${cpuStyle(labels)}` : labelled;
}

/** Returns the device that a point is of, where its labels tell one from others; else it is empty. */
export function deviceOf({ source: names, isOfResource }: Meaning, source: string): string {
  return isOfResource || !names || source.startsWith('[[') ? '' : source;
}

/** Returns whether counters so labelled are those of single CPUs. */
export function isPerCpu(group: string): boolean {
  return group.endsWith(' number') || group.endsWith(' name');
}

/** How a point names its CPU: `0`, `cpu0`, or in another way, such as `cpu-total`. */
function cpuStyle(labels: LabelReader): 'number' | 'name' | 'none' {
  const cpu = labels('cpu.logical_number') ?? labels('cpu') ?? '';
  return /^\d+$/.test(cpu) ? 'number' : /^cpu\d+$/.test(cpu) ? 'name' : 'none';
}
