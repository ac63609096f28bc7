import { encodeRuns, loadEncoder, OtlpAnswers, protobufEncoding } from 'wattline/otlp';
import { definePlugin, type QueuedExporter, queueOptions } from 'wattline/plugin';
import { ExportClient } from './export-client.ts';
import { type Config, configSchema } from './settings.ts';

/** How many runs a request holds at most: a message of the usual limit of 4 MiB holds them, of a minute each. */
const RUNS_A_REQUEST = 500;

export default definePlugin({
  contract: 2,
  kind: 'exporter',
  type: 'otlp',
  aliases: ['otlp_grpc'],
  stability: 'beta',
  configSchema,
  create(ctx, config: Config): QueuedExporter {
    const client = new ExportClient(ctx, config);
    const answers = new OtlpAnswers(ctx.logger, client.place, protobufEncoding());
    let encode: Awaited<ReturnType<typeof loadEncoder>> | undefined;
    return {
      queue: queueOptions(config, RUNS_A_REQUEST),
      async start() {
        await client.start();
        encode = await loadEncoder('proto');
        ctx.logger.info(`sending OTLP to ${client.place}`);
      },
      async send(runs, signal) {
        if (!encode) throw new Error('the exporter has not been started');
        return answers.outcomeOf(runs, await client.export(encodeRuns(runs, encode), signal));
      },
      shutdown: async () => client.close(),
    };
  },
});
