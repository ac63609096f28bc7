import { countOf } from '../count.ts';
import type { Scenario } from './scenario.ts';

/** Facts about the measurement that the scenarios do not contain. */
export interface MeasurementFacts {
  readonly cpuDescription: string;
  /** Why RAPL was not used; undefined where it was. */
  readonly raplMissing: string | undefined;
  readonly logicalCpus: number;
}

/** Returns sentences on what was measured, what was modelled, and what limits the accuracy. */
export function provenanceNotes(scenarios: readonly Scenario[], facts: MeasurementFacts): string[] {
  const [first] = scenarios;
  if (!first) return [];
  const samples = scenarios.reduce((sum, { cpu_usage_cores }) => sum + cpu_usage_cores.length, 0);
  const others = Math.max(...scenarios.map(({ other_cpu_cores }) => other_cpu_cores));
  const { power_model: model } = first;
  const notes = [
    `CPU: measured, by ${facts.cpuDescription}; ${countOf(samples, 'sample')}.`,
    model
      ? `Power: modelled, not measured (${facts.raplMissing}): a line from ${model.idle_watts} W with the host idle to ` +
        `${model.max_watts} W with all ${model.logical_cpus} logical CPUs busy, at the cores that the command used. ` +
        `Basis: ${model.basis}.`
      : `Power: measured, by RAPL. ${first.power_boundary}, whoever used them; not memory, disks, fans and losses.`,
  ];
  if (others > 0.05 * facts.logicalCpus) {
    const effect = model ? 'and may have slowed the command down' : 'and the power is theirs too';
    notes.push(`Other processes used up to ${others} of the host's ${facts.logicalCpus} cores meanwhile, ${effect}.`);
  }
  return notes;
}
