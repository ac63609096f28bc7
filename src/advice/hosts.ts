import type { Run } from '../model/run.ts';
import { groupOf } from '../prediction/features.ts';

/** What names the host of a run, in OpenTelemetry and in results files. */
export const hostAttributes = ['host.name', 'host.id', 'run.host'] as const;

/** Returns the host of a run as a text that is the same for the same host only; runs that name none share one. */
export function hostOf({ attributes }: Run): string {
  return groupOf(attributes, hostAttributes);
}
