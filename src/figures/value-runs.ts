import type { Figure } from '../model/figure.ts';
import { type Bound, bounds } from '../model/predicted.ts';
import type { Run } from '../model/run.ts';
import { Pace } from '../pace.ts';
import { transformList } from '../plugin/adapters.ts';
import type { Processor, SourceContext } from '../plugin/contract.ts';
import { isBound, mayHaveBounds } from './bounds.ts';
import type { RestatementConfig } from './restatement-settings.ts';
import { observeRestatements } from './restatement-telemetry.ts';
import { Restatements } from './restatements.ts';
import type { Revisions } from './revisions.ts';
import { Basis, boundValuation, createValuation, type ValuationContext, type ValuationOptions } from './valuation.ts';
import type { FoundFigures, Valuer } from './valued.ts';

/** How runs are valued. */
export interface RunValuation {
  readonly valuations: readonly ValuationOptions[];
  /**
   * Makes a figure of what they came to, in their order, which is undefined where a run has no such figure; it comes first.
   * For a bound of it they are the bounds, and where there is none, as of what was measured, the figures themselves. It must
   * not keep the list.
   */
  readonly total?: (found: FoundFigures, bound?: Bound) => Figure | undefined;
  /** What may revise the factors, and what becomes of the figures then. */
  readonly revisions: readonly Revisions[];
  readonly restatement: RestatementConfig;
  /** Reads what the factors are in; rejects where it does not fit. */
  start(): Promise<void>;
}

/**
 * Makes a processor that values runs in several ways, the bounds of their predicted parts too, and again where a factor is
 * revised that their figures rest on.
 */
export function valueRuns(ctx: SourceContext, given: RunValuation): Processor {
  const options = withBoundValuations(given);
  const { valuations, complete, revisions } = options;
  const basis = new Basis();
  const value = createValuer(valuations, ctx, basis);
  // Where somebody asks how figures come about, each run is valued once.
  const restatements = revisions.length > 0 && !ctx.explain ? restatementsOf(ctx, options) : undefined;
  const stage = transformList(ctx.next, async (runs, abort) => {
    const find = await value(runs, abort);
    const pace = new Pace();
    const all: Run[] = [];
    for (const run of runs) {
      const found = find(run);
      all.push(complete(run, restatements?.note(run, found, basis) ?? found));
      // A run over months of hourly prices takes a millisecond.
      if (pace.isDue) await pace.giveWay();
    }
    await restatements?.save();
    return all;
  });
  if (!restatements) observeRestatements(ctx, []);
  if (!restatements) return { ...stage, start: () => options.start() };
  return {
    async consume(runs, signal) {
      const outcome = await stage.consume(runs, signal);
      await restatements.settle(runs, outcome);
      return outcome;
    },
    async start() {
      await options.start();
      await restatements.start();
    },
    shutdown: () => restatements.shutdown(),
  };
}

/** What is not known again was counted the first time. */
const QUIET: ValuationContext = { skip() {} };

/** The valuations and, after them, those of the bounds of their figures. */
interface BoundedValuation extends Omit<RunValuation, 'total'> {
  /** Returns a run with what it was valued at, the total and its bounds first; the same where that is nothing. */
  readonly complete: (run: Run, found: FoundFigures) => Run;
}

function withBoundValuations({ valuations, total, ...rest }: RunValuation): BoundedValuation {
  const all = [...valuations];
  // Where the figures are that a bound of the total is made of.
  const places = bounds.map((bound) => ({
    bound,
    indices: valuations.map((one, index) => {
      const ofBound = boundValuation(one, bound);
      return ofBound ? all.push(ofBound) - 1 : index;
    }),
  }));
  const complete = (run: Run, found: FoundFigures): Run => {
    const figures: Figure[] = [];
    const add = (figure: Figure | undefined) => {
      if (figure) figures.push(figure);
    };
    const isBounded = mayHaveBounds(run);
    add(total?.(found));
    for (const { bound, indices } of isBounded ? places : []) {
      const ofBound = indices.map((place, index) => found[place] ?? found[index]);
      add(total?.(ofBound, bound));
    }
    const count = isBounded ? all.length : valuations.length;
    for (let i = 0; i < count; i++) add(found[i]);
    return figures.length ? run.with({ figures }) : run;
  };
  return { ...rest, valuations: all, complete };
}

function restatementsOf(ctx: SourceContext, options: BoundedValuation): Restatements {
  // What shows the factors shows those of what comes now.
  const valuations = options.valuations.map((one) => ({ ...one, note() {} }));
  return new Restatements(ctx, { ...options, valuer: (basis) => createValuer(valuations, QUIET, basis) });
}

function createValuer(options: readonly ValuationOptions[], ctx: ValuationContext, basis: Basis): Valuer {
  const valuations = options.map((one) => createValuation(one, ctx, basis));
  const own = options.filter(({ signal }) => !isBound(signal)).length;
  return async (runs, abort) => {
    // Mostly nothing is predicted, and then nobody looks for bounds, which come last.
    const bounded = runs.filter(mayHaveBounds);
    const wanted = bounded.length ? valuations : valuations.slice(0, own);
    const values = await Promise.all(wanted.map((valuation, index) => valuation(index < own ? runs : bounded, abort)));
    const found = new Array<Figure | undefined>(valuations.length).fill(undefined);
    return (run) => {
      basis.reset();
      for (let i = 0; i < values.length; i++) found[i] = values[i]?.(run);
      return found;
    };
  };
}
