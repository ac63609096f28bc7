import type { Attributes } from '@opentelemetry/api';
import { meanOf } from '../figures/integrate.ts';
import { measure } from '../figures/measure.ts';
import { streamsOf } from '../figures/streams.ts';
import type { Run } from '../model/run.ts';
import { cpuUsage } from '../model/signals.ts';

/** What of a run its power may depend on: the number of streams, or the mean number of cores in use. */
export const featureNames = ['streams', 'cpu_cores'] as const;
export type FeatureName = (typeof featureNames)[number];

/** Returns a feature of a run, at least 0; undefined where nothing says it. */
export function featureOf(run: Run, name: FeatureName): number | undefined {
  switch (name) {
    case 'streams':
      return streamsOf(run);
    case 'cpu_cores': {
      const measured = measure(run, cpuUsage);
      return measured.value === undefined ? undefined : meanOf(measured.series);
    }
  }
}

/** Returns the group that a run belongs to by some of its attributes, as a text that is the same for the same group only. */
export function groupOf(attributes: Attributes, groupBy: readonly string[]): string {
  return groupBy.map((name) => `${name}=${attributes[name] ?? ''}`).join(', ');
}
