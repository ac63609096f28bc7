import { listenOptions, serverSettings } from 'wattline/http';
import { type Context, definePlugin, type Extension, endpoint, type Listening, messageOf, z } from 'wattline/plugin';
import { type ApiSettings, apiRoutes, type Surroundings } from './api.ts';
import { assetRoutes } from './assets.ts';
import { CounterHistory } from './counter-history.ts';
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
          'The SQLite file that keeps runs and the sums of streams over a restart, relative to the configuration; its folder is made. In memory where left out',
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
        .optional()
        .describe(
          'What the runs may cost in all, in USD: the total cost then has a gauge, which warns from 70 % and is critical from 90 % of it',
        ),
      co2_kg: z.number().positive().optional().describe('What the runs may emit in all, in kg CO₂e, likewise'),
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
  let streams: CounterHistory | undefined;
  let listening: Listening | undefined;
  const onLoss = (runs: number, error: unknown) => {
    const message = `runs missing from the dashboard: ${runs}; ${messageOf(error)}`;
    for (let i = 0; i < runs; i++) ctx.skip({ item: 'run', reason: 'history_not_written', message });
  };
  const onUnwritten = (error: unknown) => {
    const message = `sums of streams could not be written; ${messageOf(error)}`;
    ctx.skip({ item: 'stream', reason: 'history_not_written', message });
  };
  const surroundings: Surroundings = {
    pipelines: () =>
      ctx.status().pipelines.map(({ id, receivers, processors }) => {
        return { id, receivers, counts_streams: processors.some((processor) => typeOf(processor) === 'totals') };
      }),
    hasStatusPage: () => listening?.serves('GET /status') ?? false,
  };
  const close = async () => {
    await listening?.close();
    listening = undefined;
    streams?.close();
    streams = undefined;
    history?.close();
    history = undefined;
  };
  const options = listenOptions(ctx, config);
  return {
    async start() {
      const database = openDatabase(file);
      history = new History(database, { maxRuns: max_runs, onLoss });
      try {
        streams = new CounterHistory(database, onUnwritten);
        const api = apiRoutes(history, streams, settingsOf(config, file), surroundings);
        const routes = { ...(await assetRoutes()), ...api };
        listening = await ctx.http.listen(config.endpoint, routes, options);
      } catch (error) {
        await close();
        throw error;
      }
      const kept = file === undefined ? 'in memory only; history.path would keep it over a restart' : `in ${file}`;
      ctx.logger.info(`dashboard at ${listening.url}/, history ${kept}`);
    },
    observe(runs) {
      for (const run of runs) {
        if (isMeasured(run)) history?.add(run);
        else streams?.add(run);
      }
    },
    shutdown: close,
  };
}

function settingsOf({ history, budget }: Config, file: string | undefined): ApiSettings {
  const { cost_usd = null, co2_kg = null } = budget;
  return { history: { path: file ?? null, max_runs: history.max_runs }, budget: { cost_usd, co2_kg } };
}

function typeOf(id: string): string {
  return id.split('/', 1)[0] as string;
}
