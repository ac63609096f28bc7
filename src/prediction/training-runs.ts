import { meanOf } from '../figures/integrate.ts';
import { measure } from '../figures/measure.ts';
import { type PowerKind, powerKindOf } from '../model/power-kind.ts';
import type { Run } from '../model/run.ts';
import { cpuUsage, hostPower, type Signal } from '../model/signals.ts';
import { type FeatureName, featureOf, groupOf } from './features.ts';
import type { TrainingRun } from './model.ts';

/** What of a run is predicted: the mean of its samples over its time. */
export const targets = {
  power: { unit: 'W', signal: hostPower },
  cpu: { unit: '{cpu}', signal: cpuUsage },
} as const satisfies Record<string, { readonly unit: string; readonly signal: Signal }>;

export type Target = keyof typeof targets;
export const targetNames = ['power', 'cpu'] as const satisfies readonly Target[];

/** How power came about that is learnt from; of predicted power nothing is ever learnt. */
export const learntKinds = ['measured', 'modelled'] as const satisfies readonly PowerKind[];
export type LearntKind = (typeof learntKinds)[number];

/** What of runs is learnt. */
export interface Lesson {
  readonly feature: FeatureName;
  /** The attributes that tell groups apart. */
  readonly groupBy: readonly string[];
  /** How power came about that is learnt from; CPU time is learnt where it was measured. */
  readonly kinds: readonly LearntKind[];
}

/** What is learnt of runs, and how many say too little, by why. */
export interface Learnt {
  readonly runs: readonly TrainingRun[];
  /** How many of the runs are of each kind. */
  readonly kinds: Readonly<Partial<Record<LearntKind, number>>>;
  readonly without: Readonly<Record<string, number>>;
}

/** Returns what is learnt of runs about a target; the same run, by its name and start, counts once. */
export function learntOf(runs: Iterable<Run>, target: Target, { feature, groupBy, kinds: wanted }: Lesson): Learnt {
  const kinds: readonly LearntKind[] = target === 'power' ? wanted : ['measured'];
  const learnt = new Map<string, TrainingRun>();
  const byKind: Partial<Record<LearntKind, number>> = {};
  const without: Record<string, number> = {};
  const leave = (why: string) => {
    without[why] = (without[why] ?? 0) + 1;
  };
  for (const run of runs) {
    const made = kindOf(run, target);
    const kind = kinds.find((one) => one === made);
    if (!kind) {
      leave(`${made} ${target}`);
      continue;
    }
    const x = featureOf(run, feature);
    const y = meanOfTarget(run, target);
    if (x === undefined || y === undefined) {
      leave(x === undefined ? `no ${feature}` : `no samples of ${target}`);
      continue;
    }
    const group = groupOf(run.attributes, groupBy);
    // Of runs without a time the same name may be that of different ones.
    const id = JSON.stringify([run.scenario, run.startTime ?? run.endTime ?? [x, y], group]);
    if (learnt.has(id)) continue;
    learnt.set(id, { id, group, x, y });
    byKind[kind] = (byKind[kind] ?? 0) + 1;
  }
  return { runs: [...learnt.values()], kinds: byKind, without };
}

/** How the samples of a target came about: CPU time is measured, where nobody says that it was predicted. */
function kindOf(run: Run, target: Target): PowerKind {
  if (target === 'power') return powerKindOf(run);
  return run.attributes.cpu === 'predicted' ? 'predicted' : 'measured';
}

function meanOfTarget(run: Run, target: Target): number | undefined {
  const measured = measure(run, targets[target].signal);
  return measured.value === undefined ? undefined : meanOf(measured.series);
}
