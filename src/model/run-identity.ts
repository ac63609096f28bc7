import { toSeconds } from './hr-time.ts';
import type { Run } from './run.ts';

/** What a source says of a run, and not what processors make of it. */
const FROM_SOURCE = /^(?:bitrate|encoder|(?:run|service|host|container|cloud|k8s|process)\..+)$/;
const FROM_PROCESSORS = /^run\.(?:restated$|(?:sampling|refused_fields)(?:\.|$))/;

/** Returns the attributes by which a source tells its runs apart, in the order of their names. */
export function saidBySource({ attributes }: Pick<Run, 'attributes'>): [name: string, value: unknown][] {
  return Object.entries(attributes)
    .filter(([name]) => FROM_SOURCE.test(name) && !FROM_PROCESSORS.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Names a run within a process: the same each time that the same run comes, whatever its figures. */
export function identityOf(run: Run): string {
  const { scenario, region, startTime, window } = run;
  return JSON.stringify([scenario, region, startTime, toSeconds(window.end), saidBySource(run)]);
}
