import { CHOICES, type Choice, type ErrorRow, errorsOf, MODELS } from './errors.ts';
import { atMostHeld, type Coverage, coverageOf, type Flags, flagsOf } from './intervals.ts';
import { type KnotRow, measureKnots } from './knots.ts';
import { CPU_LOAD, type CurveSet } from './measured-curves.ts';

/** A goal, what was measured for it, and whether it holds; undefined where the data for it are not there. */
export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly holds: boolean | undefined;
}

/** How unlikely so few held points may be, before the level that is claimed is taken for wrong. */
const SIGNIFICANCE = 0.01;

/** What was measured on some sets of curves. */
export interface Report {
  readonly errors: readonly ErrorRow[];
  readonly coverage: ReadonlyMap<string, Coverage>;
  readonly flags: Flags;
  readonly knots: readonly KnotRow[];
}

/** Measures errors, coverage and flags of the curves, and what knots do on made-up ones. */
export function measureAll(sets: readonly CurveSet[]): Report {
  return {
    errors: sets.flatMap((set) => CHOICES.flatMap((choice) => errorsOf(set, choice) ?? [])),
    coverage: new Map(MODELS.map((model) => [model, coverageOf(model, sets)])),
    flags: flagsOf(sets),
    knots: measureKnots(),
  };
}

/** Judges what was measured. */
export function goalsOf({ errors, coverage, flags }: Report): Goal[] {
  const { held, points } = coverage.get('auto') ?? { held: 0, points: 0 };
  const chance = atMostHeld(held, points, 0.9);
  return [
    atMostPercent(errors, { of: 'both ends', points: 5 }, 7),
    atMostPercent(errors, { of: 'random', points: 5 }, 9),
    neverWorse(errors),
    {
      goal: `90 % intervals of auto hold: so few would have a chance of ${SIGNIFICANCE * 100} % or more`,
      measured: points === 0 ? '–' : `${held} of ${points} points, ${(100 * chance).toFixed(1)} %`,
      holds: points === 0 ? undefined : chance >= SIGNIFICANCE,
    },
    share('What is outside of the range is flagged', flags.flagged, flags.outside, flags.outside),
    share('What is inside of the range is not', flags.inside - flags.falselyFlagged, flags.inside, flags.inside),
  ];
}

function atMostPercent(errors: readonly ErrorRow[], choice: Choice, most: number): Goal {
  const name = nameOf(choice);
  const row = errors.find((one) => one.set === CPU_LOAD && nameOf(one.choice) === name);
  return {
    goal: `auto, ${CPU_LOAD}, ${name}: ≤ ${most} %`,
    measured: row ? `${row.percent.auto.toFixed(1)} % (linear ${row.percent.linear.toFixed(1)} %)` : '–',
    holds: row && row.percent.auto <= most,
  };
}

function neverWorse(errors: readonly ErrorRow[]): Goal {
  const judged = errors.filter(({ choice }) => choice.of === 'all but one' || choice.points >= 4);
  const worst = judged
    .map((row) => ({ row, more: row.percent.auto - row.percent.linear }))
    .reduce((a, b) => (b.more > a.more ? b : a));
  return {
    goal: 'auto from 4 points on, any set: ≤ linear + 1 point',
    measured: `${worst.more < 0 ? '−' : '+'}${Math.abs(worst.more).toFixed(1)} points at most (${worst.row.set}, ${nameOf(worst.row.choice)})`,
    holds: worst.more <= 1,
  };
}

function share(goal: string, right: number, all: number, of: number): Goal {
  return { goal, measured: `${right} of ${of}`, holds: all === 0 ? undefined : right === all };
}

/** Returns the report as Markdown: tables of errors, intervals, knots and goals. */
export function formatReport({ errors, coverage, knots }: Report, goals: readonly Goal[]): string {
  const errorRows = errors.map(({ set, choice, trials, percent }) => [
    set,
    nameOf(choice),
    String(trials),
    ...MODELS.map((model) => percent[model].toFixed(1)),
  ]);
  const coverageRows = [...coverage].map(([model, { held, points, width }]) => [
    model,
    points === 0 ? '–' : `${held} of ${points} (${((100 * held) / points).toFixed(1)} %)`,
    points === 0 ? '–' : width.toFixed(0),
  ]);
  const knotRows = knots.map(({ observations, noise, asItIs, knotAtEach }) => [
    `${noise} %`,
    String(observations),
    asItIs.toFixed(2),
    knotAtEach.toFixed(2),
  ]);
  const goalRows = goals.map(({ goal, measured, holds }) => [
    goal,
    measured,
    holds === undefined ? '–' : holds ? 'yes' : '**no**',
  ]);
  return [
    table(['curves', 'learnt from', 'trials', ...MODELS.map((model) => `${model}, %`)], errorRows),
    table(['model', 'points in their 90 % interval', 'mean width, %'], coverageRows),
    table(['noise', 'made-up observations', 'auto, %', 'with a knot at each x, %'], knotRows),
    table(['goal', 'measured', 'holds'], goalRows),
  ].join('\n\n');
}

function nameOf(choice: Choice): string {
  return choice.of === 'all but one' ? choice.of : `${choice.points} points, ${choice.of}`;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line)].join('\n');
}
