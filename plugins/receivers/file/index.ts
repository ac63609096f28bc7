import { setTimeout } from 'node:timers/promises';
import {
  cpuUsage,
  definePlugin,
  duration,
  emitsOf,
  hostPower,
  messageOf,
  type Receiver,
  type SourceContext,
  z,
} from 'wattline/plugin';
import { ChangedFiles } from './changed-files.ts';
import { handOverFile } from './hand-over.ts';

const configSchema = z.strictObject({
  include: z.array(z.string().min(1)).min(1).describe('Globs of results files, relative to the configuration file'),
  exclude: z.array(z.string().min(1)).default([]).describe('Globs of files to leave out'),
  start_at: z
    .enum(['beginning', 'end'])
    .default('beginning')
    .describe('Whether files that are there at the start are read (`beginning`), or only new and changed ones (`end`)'),
  sampling: z
    .enum(['instant', 'interval'])
    .optional()
    .describe(
      'What a sample of a run that does not say it itself is: the value at its time (`instant`, which it is where left out), or the mean from then to the next one’s (`interval`), as rates are',
    ),
  poll_interval: duration({ least: '10ms' })
    .prefault('1s')
    .describe(
      'How often to look for new and changed files, at least 10ms; a file that was written to since the last look is read one later',
    ),
});

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'receiver',
  type: 'file',
  stability: 'beta',
  configSchema,
  emits: emitsOf([hostPower, cpuUsage]),
  create: (ctx, config) => fileReceiver(ctx, config),
});

function fileReceiver(ctx: SourceContext, config: Config): Receiver {
  const files = new ChangedFiles(config, ctx.resolvePath('.'));
  const stopped = new AbortController();
  let following: Promise<void> = Promise.resolve();
  let warned = '';
  const warnOnce = (what: string) => {
    if (what !== warned && what !== '') ctx.logger.warn(what);
    warned = what;
  };

  const look = async () => {
    for (const file of await files.changed()) {
      const outcome = await handOverFile(file.path, ctx, stopped.signal, config);
      if (outcome === 'stopped') return;
      if (outcome === 'settled') files.done(file);
      else files.failed(file);
    }
    warnOnce(files.matched === 0 ? `no file matches ${config.include.join(', ')} yet` : '');
  };

  const follow = async () => {
    while (!stopped.signal.aborted) {
      await look().catch((error: unknown) => warnOnce(`cannot look for files: ${messageOf(error)}`));
      await setTimeout(config.poll_interval, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };

  return {
    async start() {
      if (config.start_at === 'end') for (const file of await files.changed({ all: true })) files.done(file);
      following = follow();
    },
    async readOnce(signal) {
      const found = await files.changed({ all: true });
      if (found.length === 0) throw new Error(`no file matches ${config.include.join(', ')}`);
      let unreadable = 0;
      const total = found.reduce((sum, { bytes }) => sum + bytes, 0);
      let done = 0;
      const onRead = (bytes: number) => {
        done += bytes;
        ctx.progress?.(done, total);
      };
      onRead(0);
      const options = { sampling: config.sampling, onRead };
      for (const { path } of found) if ((await handOverFile(path, ctx, signal, options)) === 'unreadable') unreadable++;
      if (unreadable > 0) throw new Error(`${unreadable} of ${found.length} files could not be read`);
    },
    async shutdown() {
      stopped.abort();
      await following;
    },
  };
}
