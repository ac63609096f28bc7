import { readFile } from 'node:fs/promises';
import { listenOptions, serverSettings } from 'wattline/http';
import {
  type Context,
  definePlugin,
  type Extension,
  endpoint,
  type Listening,
  messageOf,
  type RequestHandler,
  type Routes,
  z,
} from 'wattline/plugin';
import { readCounts } from './counts.ts';
import { pageOf } from './page.ts';
import { RecentCounts, SAMPLE_INTERVAL } from './rates.ts';
import { makeReport } from './report.ts';

const configSchema = z.strictObject({
  endpoint: endpoint()
    .prefault('0.0.0.0:9514')
    .describe('Where `/status` is served; a component that names the same endpoint shares it'),
  ...serverSettings,
});

type Config = z.output<typeof configSchema>;

/** Allows only the page's own files, and no framing. */
const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
} as const;

export default definePlugin({
  contract: 2,
  kind: 'extension',
  type: 'status',
  stability: 'beta',
  overlaps: true,
  configSchema,
  create: (ctx, config) => status(ctx, config),
});

function status(ctx: Context, config: Config): Extension {
  const recent = new RecentCounts();
  let listening: Listening | undefined;
  let timer: NodeJS.Timeout | undefined;
  const count = async () => readCounts((await ctx.telemetry.collect()).resourceMetrics);
  const sample = async () => recent.add(await count(), performance.now());
  const report = async () => {
    const counts = await count();
    return makeReport(ctx.status(), counts, recent.ratesOf(counts, performance.now()), new Date());
  };
  const routes: Routes = {
    /** Returns a page to browsers, and JSON to other clients. */
    'GET /status': async (request, response) => {
      const isForPeople = /\btext\/html\b/.test(request.headers.accept ?? '');
      const type = isForPeople ? 'text/html; charset=utf-8' : 'application/json';
      const text = isForPeople ? pageOf(await report()) : `${JSON.stringify(await report())}\n`;
      response.writeHead(200, { ...headers, vary: 'accept', 'content-type': type }).end(text);
    },
    'GET /status/style.css': asset('style.css', 'text/css; charset=utf-8'),
    'GET /status/refresh.js': asset('refresh.js', 'text/javascript; charset=utf-8'),
  };
  const options = listenOptions(ctx, config);
  return {
    async start() {
      listening = await ctx.http.listen(config.endpoint, routes, options);
      const logError = (error: unknown) =>
        ctx.logger.error(`Wattline’s own metrics cannot be read: ${messageOf(error)}`);
      timer = setInterval(() => sample().catch(logError), SAMPLE_INTERVAL).unref();
      await sample();
      ctx.logger.info(`status at ${listening.url}/status`);
    },
    async shutdown() {
      clearInterval(timer);
      await listening?.close();
    },
  };
}

function asset(name: string, type: string): RequestHandler {
  return async (_, response) => {
    const content = await readFile(new URL(`./page/${name}`, import.meta.url));
    response.writeHead(200, { ...headers, 'content-type': type }).end(content);
  };
}
