import { definePlugin, type QueuedExporter, queueOptions } from 'wattline/plugin';
import { costUnits } from './charges.ts';
import { DayFiles } from './day-files.ts';
import { Delivery } from './delivery.ts';
import { csvFormat, parquetFormat, plainCsvFormat } from './file-formats.ts';
import { type Config, configSchema } from './settings.ts';

/** How many runs one rewrite of a file takes in at most. */
const RUNS_A_WRITE = 500;
/** Files are rewritten as a whole, so one at a time. */
const QUEUE = { queue_size: 1000, num_consumers: 1 };

export default definePlugin({
  contract: 2,
  kind: 'exporter',
  type: 'focus',
  stability: 'beta',
  configSchema,
  reads: costUnits,
  create(ctx, config: Config): QueuedExporter {
    const directory = ctx.resolvePath(config.directory);
    const csv = config.defuse_formulas ? csvFormat : plainCsvFormat;
    const files = new DayFiles(directory, config.format === 'csv' ? csv : parquetFormat);
    const delivery = new Delivery(ctx, config, files);
    return {
      queue: queueOptions({ ...config, sending_queue: QUEUE }, RUNS_A_WRITE),
      async start() {
        await files.open();
        ctx.logger.info(`writing FOCUS rows to ${directory}`);
      },
      send: (runs, signal) => delivery.send(runs, signal),
    };
  },
});
