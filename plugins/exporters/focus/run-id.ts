import { createHash } from 'node:crypto';
import {
  Attribute,
  type Batch,
  cpuUsage,
  hostPower,
  measure,
  numberOf,
  regionOf,
  type Signal,
  scenarioOf,
} from 'wattline/plugin';
import type { ChargePeriod } from './charge-period.ts';

/** What a source says of a run, and not what processors make of it. */
const FROM_SOURCE = /^(?:bitrate|encoder|(?:run|service|host|container|cloud|k8s|process)\..+)$/;
const FROM_PROCESSORS = /^run\.(?:sampling|refused_fields)(?:\.|$)/;

/**
 * Names a run, 32 hexadecimal digits: the same whenever the same run is exported, whatever its prices and factors. It is
 * made of what the source says of the run and of its time, and where it states no start, of what was measured.
 */
export function runIdOf(batch: Batch, period: ChargePeriod): string {
  const { attributes } = batch.resource;
  const said = Object.entries(attributes)
    .filter(([name]) => FROM_SOURCE.test(name) && !FROM_PROCESSORS.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const measured = numberOf(attributes, Attribute.startTime) === undefined ? amounts(batch) : [];
  const identity = [scenarioOf(attributes), regionOf(attributes), period.start, period.end, said, measured];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}

/** A predicted power is another when its model has learnt. */
function amounts(batch: Batch): (number | undefined)[] {
  const isPredicted = batch.resource.attributes[Attribute.power] === 'predicted';
  const signals: readonly Signal[] = isPredicted ? [cpuUsage] : [hostPower, cpuUsage];
  return signals.map((signal) => measure(batch, signal).value);
}
