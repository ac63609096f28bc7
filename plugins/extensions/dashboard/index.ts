import { currencySetting } from 'wattline/figures';
import { listenOptions, serverSettings } from 'wattline/http';
import {
  type Context,
  definePlugin,
  type Extension,
  emitsOf,
  endpoint,
  type Listening,
  messageOf,
  z,
} from 'wattline/plugin';
import { adviceFile } from './advice-file.ts';
import { type ApiSettings, apiRoutes, type Surroundings } from './api.ts';
import { assetRoutes } from './assets.ts';
import { CounterHistory } from './counter-history.ts';
import { openDatabase } from './database.ts';
import { History } from './history.ts';
import { moneyIn } from './money.ts';
import { isMeasured } from './run-record.ts';

const configSchema = z
  .strictObject({
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
        series_limit: z
          .int()
          .positive()
          .default(25_000)
          .describe(
            'How many counters of streams are kept, about five for each host and for each application on it; beyond it those that have not risen for longest make room, and are counted in `wattline_skipped_total`',
          ),
        label_value_length_limit: z
          .int()
          .positive()
          .default(4096)
          .describe(
            'How many characters the value of a label of a counter may have; counters with a longer one are not kept, and are counted',
          ),
      })
      .prefault({}),
    currency: currencySetting()
      .default('USD')
      .describe(
        'The one currency in which the page and its API show money. Another than USD needs the processor `currency`; runs and streams without its figures show no cost',
      ),
    budget: z
      .strictObject({
        cost: z
          .number()
          .positive()
          .optional()
          .describe(
            'What the runs may cost in all, in the `currency` of the page: the total cost then has a gauge, which warns from 70 % and is critical from 90 % of it',
          ),
        cost_usd: z.number().positive().optional().describe('The same where the page shows USD; `cost` comes first'),
        co2_kg: z.number().positive().optional().describe('What the runs may emit in all, in kg CO₂e, likewise'),
      })
      .prefault({}),
    advice: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The file with the output of `wattline advise --json`, relative to the configuration, which the page shows; it is read again when it changes',
      ),
  })
  .superRefine(({ currency, budget }, ctx) => {
    if (budget.cost_usd === undefined || currency === 'USD') return;
    const message = `expected \`cost\` in its place, in ${currency} as the page shows it`;
    ctx.addIssue({ code: 'custom', path: ['budget', 'cost_usd'], message });
  });

const series = {
  name: 'wattline_extension_series',
  unit: '{series}',
  description: 'Series that an extension holds, by extension',
};
const limit = {
  name: 'wattline_extension_series_limit',
  unit: '{series}',
  description: 'Series that an extension may hold, by extension',
};

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'extension',
  type: 'dashboard',
  stability: 'beta',
  configSchema,
  emits: emitsOf([series, limit]),
  create: (ctx, config) => dashboard(ctx, config),
});

function dashboard(ctx: Context, config: Config): Extension {
  const { path, max_runs, series_limit, label_value_length_limit } = config.history;
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
  const onLimit = (reason: 'series_limit' | 'label_too_long') => {
    const message =
      reason === 'series_limit'
        ? `there are more counters than the ${series_limit} of \`history.series_limit\`: what a stream that has not risen for long used this month is forgotten`
        : `a counter has a label longer than the ${label_value_length_limit} characters of \`history.label_value_length_limit\`, and is not shown`;
    ctx.skip({ item: 'stream', reason, message });
  };
  const counts = [
    [series, () => streams?.size ?? 0],
    [limit, () => series_limit],
  ] as const;
  for (const [{ name, ...rest }, count] of counts) {
    const gauge = ctx.meter.createObservableGauge(name, rest);
    gauge.addCallback((result) => result.observe(count(), { extension: ctx.id }));
  }
  const surroundings: Surroundings = {
    pipelines: () =>
      ctx.status().pipelines.map(({ id, receivers, processors }) => {
        return { id, receivers, counts_streams: processors.some((processor) => typeOf(processor) === 'totals') };
      }),
    hasStatusPage: () => listening?.serves('GET /status') ?? false,
    advice: adviceFile(config.advice === undefined ? undefined : ctx.resolvePath(config.advice)),
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
        streams = new CounterHistory(database, {
          maximum: series_limit,
          labelValueLengthLimit: label_value_length_limit,
          money: moneyIn(config.currency),
          onError: onUnwritten,
          onLimit,
        });
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

function settingsOf({ history, budget, currency }: Config, file: string | undefined): ApiSettings {
  const { cost_usd = null, cost = cost_usd, co2_kg = null } = budget;
  const money = moneyIn(currency);
  const limits = { [`cost_${money.suffix}`]: cost, co2_kg };
  return { history: { path: file ?? null, max_runs: history.max_runs }, budget: limits, money };
}

function typeOf(id: string): string {
  return id.split('/', 1)[0] as string;
}
