import type { Figure } from '../model/figure.ts';
import type { Run } from '../model/run.ts';
import { Pace } from '../pace.ts';
import { transformList } from '../plugin/adapters.ts';
import type { Processor, SourceContext } from '../plugin/contract.ts';
import type { RestatementConfig } from './restatement-settings.ts';
import { observeRestatements } from './restatement-telemetry.ts';
import { Restatements } from './restatements.ts';
import type { Revisions } from './revisions.ts';
import { Basis, createValuation, type ValuationContext, type ValuationOptions } from './valuation.ts';
import type { FoundFigures, Valuer } from './valued.ts';

/** How runs are valued. */
export interface RunValuation {
  readonly valuations: readonly ValuationOptions[];
  /**
   * Makes a figure of what they came to, which is undefined where a run has no such figure; it comes first. It must not
   * keep the list.
   */
  readonly total?: (found: FoundFigures) => Figure | undefined;
  /** What may revise the factors, and what becomes of the figures then. */
  readonly revisions: readonly Revisions[];
  readonly restatement: RestatementConfig;
  /** Reads what the factors are in; rejects where it does not fit. */
  start(): Promise<void>;
}

/** Makes a processor that values runs in several ways, and again where a factor is revised that their figures rest on. */
export function valueRuns(ctx: SourceContext, options: RunValuation): Processor {
  const { valuations, total, revisions } = options;
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
      all.push(withFigures(run, restatements?.note(run, found, basis) ?? found, total));
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

function restatementsOf(ctx: SourceContext, options: RunValuation): Restatements {
  // What shows the factors shows those of what comes now.
  const valuations = options.valuations.map((one) => ({ ...one, note() {} }));
  return new Restatements(ctx, {
    ...options,
    valuer: (basis) => createValuer(valuations, QUIET, basis),
    complete: (run, found) => withFigures(run, found, options.total),
  });
}

/** Returns a run with what it was valued at; the same where that is nothing. */
function withFigures(run: Run, found: FoundFigures, total: RunValuation['total']): Run {
  const first = total?.(found);
  const figures = first ? [first] : [];
  for (let i = 0; i < found.length; i++) if (found[i]) figures.push(found[i] as Figure);
  return figures.length ? run.with({ figures }) : run;
}

function createValuer(options: readonly ValuationOptions[], ctx: ValuationContext, basis: Basis): Valuer {
  const valuations = options.map((one) => createValuation(one, ctx, basis));
  const found = new Array<Figure | undefined>(valuations.length);
  return async (runs, abort) => {
    const values = await Promise.all(valuations.map((valuation) => valuation(runs, abort)));
    return (run) => {
      basis.reset();
      for (let i = 0; i < values.length; i++) found[i] = values[i]?.(run);
      return found;
    };
  };
}
