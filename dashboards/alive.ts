import { MappingType, SpecialValueMatch, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';

/** How long after the last sign of life an exporter counts as up: two scrapes a minute apart, or eight pushed signs. */
const PATIENCE = '2m';

/** 1 where any exporter has given a sign of life lately, else 0. */
export const anyExporterAlive = `max(last_over_time(cost_exporter_alive[${PATIENCE}])) or vector(0)`;

/** The same of each instance that was heard of; what is pushed names no instance. */
export const aliveInstances = `max by (job, instance) (last_over_time(cost_exporter_alive[${PATIENCE}]))`;

/** What the values of `cost_exporter_alive` mean; no value is down too. */
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
