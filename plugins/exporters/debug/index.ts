import { type Context, type DirectExporter, definePlugin, z } from 'wattline/plugin';
import { eachNumber, type RunFigures, runFigures } from './run-figures.ts';
import { formatRuns, formatTotals } from './tables.ts';
import { Totals } from './totals.ts';

/** Runs are printed together, so that columns line up, but not kept longer than this. */
const FLUSH_AFTER = 250;
const MOST_RUNS = 500;

const configSchema = z.strictObject({
  summary: z
    .boolean()
    .default(false)
    .describe('Whether only the totals of all runs are printed, when the pipeline ends'),
});

type Config = z.output<typeof configSchema>;

export default definePlugin({
  kind: 'exporter',
  type: 'debug',
  stability: 'beta',
  configSchema,
  create: (ctx, config) => debugExporter(ctx, config),
});

function debugExporter(ctx: Context, { summary }: Config): DirectExporter {
  const totals = new Totals();
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
    consume(batch) {
      totals.nextRun();
      eachNumber(batch, totals.add);
      if (summary) return;
      waiting.push(runFigures(batch));
      if (waiting.length >= MOST_RUNS) flush();
      else timer ??= setTimeout(flush, FLUSH_AFTER);
    },
    async shutdown() {
      flush();
      if (!ended) ctx.stdout.write(formatTotals(totals));
      ended = true;
    },
  };
}
