import { countOf } from '../count.ts';
import type { Silence, ValuedRun } from './advice.ts';

/** What a run must not be for advice to rest on it, and how that is said of some. */
const flaws: readonly { reason: string; of: (run: ValuedRun) => boolean; says: string }[] = [
  {
    reason: 'no_figures',
    of: ({ amounts: { usd, energy, co2 } }) => !usd && !energy && !co2,
    says: 'without cost, energy and emissions: give them power or CPU samples and a region',
  },
  {
    reason: 'extrapolated',
    of: ({ valued }) => ['power.extrapolated', 'cpu.extrapolated'].some((name) => valued?.attributes[name] === true),
    says: 'with power or CPU time beyond what a model has learnt from: measure them',
  },
  {
    reason: 'predicted',
    of: ({ valued }) => valued?.power === 'predicted' || valued?.attributes.cpu === 'predicted',
    says: 'with predicted power or CPU time: measure them, since a prediction tells nothing of what another setting saves',
  },
];

/** Parts runs into those that advice may rest on, and silences on the others. */
export function soundRuns(runs: readonly ValuedRun[]): { sound: readonly ValuedRun[]; silences: readonly Silence[] } {
  const byFlaw = Map.groupBy(runs, (run) => flaws.find(({ of }) => of(run)));
  const silences = flaws.flatMap((flaw): Silence[] => {
    const found = byFlaw.get(flaw);
    if (!found) return [];
    return [
      { kind: 'all', reason: flaw.reason, message: `no advice rests on ${countOf(found.length, 'run')} ${flaw.says}` },
    ];
  });
  return { sound: byFlaw.get(undefined) ?? [], silences };
}
