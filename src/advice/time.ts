import { labelledFigures } from '../figures/figures.ts';
import { knownFigures } from '../figures/names.ts';
import { toSeconds } from '../model/hr-time.ts';
import type { Run } from '../model/run.ts';
import type { AdviserOptions, Findings, Proposal, Silence, ValuedRun } from './advice.ts';
import { changing, numberOfRun, shiftedBy } from './changed-runs.ts';

/** Windows begin every quarter of an hour later, as markets and grids publish, or less often where there would be more. */
const STEP = 900;
const MOST_WINDOWS = 96;
/** So many runs are valued at once, which bounds the memory. */
const MOST_AT_ONCE = 20_000;
/** Factors of hours are no more certain than that part. */
const LEAST_SAVING = 0.01;

const aims = ['usd', 'co2'] as const;
type Aim = (typeof aims)[number];
const words = { usd: 'cost', co2: 'emissions' } as const;

/** What the run of a number would have come to so many seconds later. */
interface Window extends Pick<ValuedRun, 'amounts' | 'signal'> {
  readonly number: number;
  readonly later: number;
  /** Whether one of its figures rests on a stand-in. */
  readonly isStandIn: boolean;
}

/** What runs save together by their best windows, and how much later each must begin for it, in seconds. */
interface Plan {
  readonly later: ReadonlyMap<number, number>;
  readonly saved: number;
  readonly of: number;
}

/**
 * Proposes to begin runs later: of all windows in which a run still ends within the deadline after its start, the one with the
 * least Σ P·I by the pipeline's own factors over time. A window of which the pipeline does not know all of the time, or only by
 * what stands in for it, is none.
 */
export async function adviseOnTime(runs: readonly ValuedRun[], { value, deadline }: AdviserOptions): Promise<Findings> {
  if (deadline === undefined) {
    return silent(
      'no_deadline',
      'when runs must have ended is not known; give --deadline 6h for 6 hours after their start',
    );
  }
  const movable = runs.filter(({ raw }) => raw.isDated && raw.duration !== undefined && raw.duration < deadline);
  if (movable.length === 0) {
    return silent('no_slack', 'no run says when it was and took less time than the deadline leaves');
  }
  const step = Math.max(STEP, Math.ceil(deadline / MOST_WINDOWS / STEP) * STEP);
  const starts = Array.from({ length: Math.ceil(deadline / step) - 1 }, (_, index) => (index + 1) * step);
  const shifts = starts.flatMap((later) =>
    movable.flatMap(({ raw }) => (later + (raw.duration as number) <= deadline ? [{ raw, later }] : [])),
  );
  const windows: Window[] = [];
  // Many at once, so that services of prices and intensities are seldom asked.
  for (let from = 0; from < shifts.length; from += MOST_AT_ONCE) {
    const some = shifts.slice(from, from + MOST_AT_ONCE);
    const valued = await value(some.map(({ raw, later }) => shiftedBy(raw, later)));
    for (const [index, run] of valued.entries()) windows.push(windowOf(run, some[index]?.later ?? 0));
  }
  const plans = aims.map((aim) => [aim, planFor(aim, movable, windows)] as const);
  const proposals = plans.flatMap(([aim, plan]) => {
    if (plan.saved <= LEAST_SAVING * plan.of) return [];
    const moved = movable.filter(({ raw }) => plan.later.has(numberOfRun(raw)));
    return [proposalOf(aim, moved, plan.later, deadline)];
  });
  const silences = plans.flatMap(([aim, { saved, of }]): readonly Silence[] => {
    if (saved > LEAST_SAVING * of) return [];
    const why =
      'no known window saves 1 %: prices or intensities over time are needed, of the hours after the runs too';
    return silent('no_better_window', `${words[aim]}: ${why}`).silences;
  });
  return { proposals, silences };
}

function planFor(aim: Aim, movable: readonly ValuedRun[], windows: readonly Window[]): Plan {
  const best = new Map<number, { later: number; amount: number }>();
  for (const run of movable) {
    const amount = run.amounts[aim]?.value;
    if (amount !== undefined && !standsIn(run)) best.set(numberOfRun(run.raw), { later: 0, amount });
  }
  const of = total(best.values());
  const signals = new Map(movable.map(({ raw, signal }) => [numberOfRun(raw), signal]));
  for (const { number, later, amounts, signal, isStandIn } of windows) {
    const amount = amounts[aim]?.value;
    const before = best.get(number);
    if (amount === undefined || !before || amount >= before.amount || isStandIn) continue;
    // An average is never weighed against a marginal intensity.
    if (signal === signals.get(number)) best.set(number, { later, amount });
  }
  const later = new Map([...best].flatMap(([number, one]) => (one.later > 0 ? [[number, one.later] as const] : [])));
  return { later, of, saved: of - total(best.values()) };
}

function windowOf(run: ValuedRun, later: number): Window {
  const { raw, amounts, signal } = run;
  return { number: numberOfRun(raw), later, amounts, signal, isStandIn: standsIn(run) };
}

/** Returns whether a figure rests on what stands in for a service or a series that does not know the time. */
function standsIn({ valued }: ValuedRun): boolean {
  const names: readonly string[] = [knownFigures.emissions.name, knownFigures.energyCost.name];
  return (
    valued !== undefined &&
    labelledFigures(valued, ({ name }) => names.includes(name)).some(({ labels }) => labels.state === 'fallback')
  );
}

function total(amounts: Iterable<{ readonly amount: number }>): number {
  return Array.from(amounts).reduce((sum, { amount }) => sum + amount, 0);
}

function proposalOf(
  aim: Aim,
  moved: readonly ValuedRun[],
  later: ReadonlyMap<number, number>,
  deadline: number,
): Proposal {
  const hours = Number((deadline / 3600).toPrecision(6));
  const starts = new Map(moved.map(({ raw }) => [numberOfRun(raw), startOf(raw)]));
  // What advice before it has moved already stays where it is.
  const change = (run: Run) => {
    const number = numberOfRun(run);
    return starts.get(number) === startOf(run) ? shiftedBy(run, later.get(number) as number) : run;
  };
  return {
    kind: 'time',
    id: `time-${words[aim]}-${hours}h`,
    title: `Begin these runs later, at the hours of least ${words[aim]} within ${hours} h of their start`,
    aim,
    assumes: [
      `each of them may end up to ${hours} h after it began, and draws the same power then`,
      'the values of the later hours are known when the run is planned; a forecast errs, and saves less',
      ...(aim === 'co2' ? [signalText(moved[0]?.signal)] : []),
    ],
    check: 'begin some runs at these hours and others at once, and compare their figures by `wattline explain`',
    apply: changing(
      moved.map(({ raw }) => raw),
      change,
    ),
  };
}

function startOf(run: Run): number {
  return toSeconds(run.window.start);
}

function signalText(signal: ValuedRun['signal']): string {
  return signal === 'marginal'
    ? 'the intensities are marginal: they estimate which plant one more kWh sets going, which nobody can measure'
    : 'the intensities are averages of the grid: the plant that runs for a shifted load may be a dirtier one, so that shifting by averages can raise what the grid emits';
}

function silent(reason: string, message: string): Findings {
  return { proposals: [], silences: [{ kind: 'time', reason, message }] };
}
