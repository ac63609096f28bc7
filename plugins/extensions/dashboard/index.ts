import { listenOptions, serverSettings } from 'wattline/http';
import { type Context, definePlugin, type Extension, endpoint, type Listening, messageOf, z } from 'wattline/plugin';
import { apiRoutes } from './api.ts';
import { assetRoutes } from './assets.ts';
import { openDatabase } from './database.ts';
import { History } from './history.ts';
import { isMeasured } from './run-record.ts';

const configSchema = z.strictObject({
  endpoint: endpoint()
    .prefault('0.0.0.0:9514')
    .describe('Where the page is served, at `/`; a component that names the same endpoint shares it'),
  ...serverSettings,
  history: z
    .strictObject({
      path: z
        .string()
        .min(1)
        .optional()
        .describe(
          'The SQLite file that keeps the runs over a restart, relative to the configuration; its folder is made. In memory where left out',
        ),
      max_runs: z
        .int()
        .positive()
        .default(10_000)
        .describe('How many runs are kept; beyond it those that ended first make room'),
    })
    .prefault({}),
  budget: z
    .strictObject({
      cost_usd: z
        .number()
        .positive()
        .default(1)
        .describe('The end of the total cost gauge in USD; it warns from 70 % and is critical from 90 % of it'),
      co2_kg: z.number().positive().default(0.01).describe('The end of the total CO₂ gauge in kg CO₂e, likewise'),
    })
    .prefault({}),
});

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'extension',
  type: 'dashboard',
  stability: 'beta',
  configSchema,
  create: (ctx, config) => dashboard(ctx, config),
});

function dashboard(ctx: Context, config: Config): Extension {
  const { path, max_runs } = config.history;
  const file = path === undefined ? undefined : ctx.resolvePath(path);
  let history: History | undefined;
  let listening: Listening | undefined;
  const onLoss = (runs: number, error: unknown) => {
    const message = `runs missing from the dashboard: ${runs}; ${messageOf(error)}`;
    for (let i = 0; i < runs; i++) ctx.skip({ item: 'run', reason: 'history_not_written', message });
  };
  const close = async () => {
    await listening?.close();
    listening = undefined;
    history?.close();
    history = undefined;
  };
  return {
    async start() {
      history = new History(openDatabase(file), { maxRuns: max_runs, onLoss });
      try {
        const api = apiRoutes(history, { history: { path: file ?? null, max_runs }, budget: config.budget });
        const routes = { ...(await assetRoutes()), ...api };
        listening = await ctx.http.listen(config.endpoint, routes, listenOptions(ctx, config));
      } catch (error) {
        await close();
        throw error;
      }
      const kept = file === undefined ? 'in memory only; history.path would keep it over a restart' : `in ${file}`;
      ctx.logger.info(`dashboard at ${listening.url}/, history ${kept}`);
    },
    observe(runs) {
      for (const run of runs) if (isMeasured(run)) history?.add(run);
    },
    shutdown: close,
  };
}
