import { OwnAttributes } from 'wattline/figures';
import {
  allTaken,
  type Context,
  type DirectExporter,
  definePlugin,
  foreignKeys,
  ignored,
  type Run,
  z,
} from 'wattline/plugin';
import { eachNumber, type RunFigures, runFigures } from './run-figures.ts';
import { formatRuns, formatTotals } from './tables.ts';
import { Totals } from './totals.ts';

/** Runs are printed together, so that columns line up, but not kept longer than this. */
const FLUSH_AFTER = 250;
const MOST_RUNS = 500;

const EVERY_RUN = ignored('every run is printed');

const configSchema = z
  .strictObject({
    summary: z
      .boolean()
      .default(false)
      .describe('Whether only the totals of all runs are printed, when the pipeline ends'),
  })
  .meta(
    foreignKeys({
      verbosity: ignored('each run is a row of a table; `summary: true` prints the totals alone'),
      loglevel: ignored('each run is a row of a table; `summary: true` prints the totals alone'),
      sampling_initial: EVERY_RUN,
      sampling_thereafter: EVERY_RUN,
      use_internal_logger: ignored('the table goes to standard output', false),
      output_paths: ignored('the table goes to standard output'),
      sending_queue: ignored('nothing waits to be printed'),
    }),
  );

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'exporter',
  type: 'debug',
  stability: 'beta',
  configSchema,
  create: (ctx, config) => debugExporter(ctx, config),
});

function debugExporter(ctx: Context, { summary }: Config): DirectExporter {
  const totals = new Totals();
  const own = new OwnAttributes();
  let waiting: RunFigures[] = [];
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length) ctx.stdout.write(`${formatRuns(waiting)}\n`);
    waiting = [];
  };
  return {
    async consume(runs) {
      for (const run of runs) {
        addTo(totals, run, own);
        if (!summary) waiting.push(runFigures(run));
        if (waiting.length >= MOST_RUNS) flush();
      }
      if (waiting.length) timer ??= setTimeout(flush, FLUSH_AFTER);
      return allTaken;
    },
    async shutdown() {
      flush();
      if (!ended) ctx.stdout.write(formatTotals(totals));
      ended = true;
    },
  };
}

/** A run whose figures were revised is there already; what slices are corrected by adds up. */
function addTo(totals: Totals, run: Run, own: OwnAttributes): void {
  if (run.restated !== undefined && !run.isSlice) {
    totals.restated++;
    return;
  }
  totals.nextRun();
  eachNumber(run, totals.add, own);
}
