import { createHash } from 'node:crypto';
import { measure, saidBySource } from 'wattline/figures';
import { Attribute, cpuUsage, hostPower, type Run, type Signal } from 'wattline/plugin';
import { resultRunId } from 'wattline/results';
import type { ChargePeriod } from './charge-period.ts';

/**
 * Names a run, 32 hexadecimal digits: the same whenever the same run is exported, whatever its prices and factors. It is
 * made of what the source says of the run and of its time, and where it states no start, of what was measured.
 */
export function runIdOf(run: Run, period: ChargePeriod): string {
  // An id that was made of what the run says adds nothing to it; one that the source states distinguishes runs.
  const made = resultRunId(run);
  const said = saidBySource(run).filter(([name, value]) => name !== Attribute.id || value !== made);
  const measured = run.startTime === undefined ? amounts(run) : [];
  const identity = [run.scenario, run.region, period.start, period.end, said, measured];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
}

/** Predicted power or CPU use is another when its model has learnt; a modelled one comes with the run, as a measured one does. */
function amounts(run: Run): (number | undefined)[] {
  const signals: Signal[] = [];
  if (run.power !== 'predicted') signals.push(hostPower);
  if (run.cpu !== 'predicted') signals.push(cpuUsage);
  return signals.map((signal) => measure(run, signal).value);
}
