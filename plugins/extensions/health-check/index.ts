import { foreignServerKeys, listenOptions, serverSettings } from 'wattline/http';
import {
  type Context,
  definePlugin,
  type Extension,
  endpoint,
  foreignKeys,
  ignored,
  type Listening,
  type RequestHandler,
  refused,
  z,
} from 'wattline/plugin';
import { answerTo } from './answer.ts';

const configSchema = z
  .strictObject({
    endpoint: endpoint()
      .prefault('127.0.0.1:13133')
      .describe('Where probes are answered; a component that names the same endpoint shares it'),
    path: z
      .string()
      .regex(/^\/[^?#\s]*$/, { error: 'expected a path such as /healthz' })
      .default('/')
      .describe('The path that probes ask for'),
    ...serverSettings,
  })
  .meta(
    foreignKeys({
      ...foreignServerKeys,
      max_request_body_size: ignored('requests have no bodies here'),
      response_body: ignored('the answer is JSON that says how the stages are; probes go by the status'),
      check_collector_pipeline: ignored('`?pipeline=` asks for one pipeline'),
      use_v2: refused('ask `?pipeline=` for one pipeline, which is answered here too', false),
      http: refused('set `endpoint` and `path`'),
      grpc: refused('let probes ask by HTTP'),
      component_health: ignored('`?pipeline=` asks for one pipeline'),
    }),
  );

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'extension',
  type: 'health_check',
  stability: 'beta',
  overlaps: true,
  configSchema,
  create: (ctx, config) => healthCheck(ctx, config),
});

function healthCheck(ctx: Context, config: Config): Extension {
  const route = `GET ${config.path}`;
  // Probes have no token, and the answer reveals nothing.
  const options = listenOptions(ctx, config, [route]);
  let listening: Listening | undefined;
  const answer: RequestHandler = (request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const { code, body } = answerTo(searchParams.get('pipeline') ?? undefined, ctx.status(), new Date());
    response.writeHead(code, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(body));
  };
  return {
    async start() {
      listening = await ctx.http.listen(config.endpoint, { [route]: answer }, options);
      ctx.logger.info(`readiness at ${listening.url}${config.path}`);
    },
    async shutdown() {
      await listening?.close();
    },
  };
}
