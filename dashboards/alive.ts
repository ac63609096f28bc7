import { MappingType, SpecialValueMatch, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { exporterAlive } from '../src/figures/names.ts';

/** How long after its last heartbeat an exporter counts as up: two scrapes a minute apart, or eight pushed heartbeats. */
const PATIENCE = '2m';

/** 1 where any exporter has sent a heartbeat recently, otherwise 0. */
export const anyExporterAlive = `max(last_over_time(${exporterAlive.name}[${PATIENCE}])) or vector(0)`;

/** The same by instance; pushed heartbeats have no instance. */
export const aliveInstances = `max by (job, instance) (last_over_time(${exporterAlive.name}[${PATIENCE}]))`;

/** The texts of `cost_exporter_alive`; no value counts as down too. */
export const upOrDown: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: {
      0: { text: 'DOWN', color: 'red', index: 0 },
      1: { text: 'UP', color: 'green', index: 1 },
    },
  },
  {
    type: MappingType.SpecialValue,
    options: { match: SpecialValueMatch.NullAndNan, result: { text: 'DOWN', color: 'red', index: 2 } },
  },
];
