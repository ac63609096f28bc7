import { definePlugin, duration, type Receiver, type SourceContext, z } from 'wattline/plugin';
import { ChangedFiles } from './changed-files.ts';
import { handOverFile } from './hand-over.ts';

const LONGEST_PAUSE = 60_000;

const configSchema = z.strictObject({
  include: z.array(z.string().min(1)).min(1).describe('Globs of results files, relative to the configuration file'),
  exclude: z.array(z.string().min(1)).default([]).describe('Globs of files to leave out'),
  start_at: z
    .enum(['beginning', 'end'])
    .default('beginning')
    .describe('Whether files that are there at the start are read, or only new and changed ones'),
  poll_interval: duration()
    .refine((milliseconds) => milliseconds >= 10, { error: 'expected at least 10ms' })
    .default(1000)
    .describe('How often to look for new and changed files'),
});

type Config = z.output<typeof configSchema>;

export default definePlugin({
  kind: 'receiver',
  type: 'file',
  stability: 'beta',
  configSchema,
  create: (ctx, config) => fileReceiver(ctx, config),
});

function fileReceiver(ctx: SourceContext, config: Config): Receiver {
  const files = new ChangedFiles(config, ctx.resolvePath('.'));
  const stopped = new AbortController();
  let following: Promise<void> = Promise.resolve();

  const follow = async () => {
    let toldThatEmpty = false;
    let failures = 0;
    while (!stopped.signal.aborted) {
      let failed = false;
      for (const file of await files.changed({ settledFor: config.poll_interval })) {
        if (stopped.signal.aborted) return;
        const complete = await handOverFile(file.path, ctx, stopped.signal);
        if (complete) files.done(file);
        failed ||= !complete;
      }
      if (files.matched === 0 && !toldThatEmpty) {
        ctx.logger.warn(`no file matches ${config.include.join(', ')} yet`);
        toldThatEmpty = true;
      }
      failures = failed ? failures + 1 : 0;
      await pause(Math.min(LONGEST_PAUSE, config.poll_interval * 2 ** failures), stopped.signal);
    }
  };

  return {
    async start() {
      if (config.start_at === 'end') for (const file of await files.changed({ settledFor: 0 })) files.done(file);
      following = follow();
      following.catch((error: unknown) => ctx.logger.error({ err: error }, 'stopped following files'));
    },
    async readOnce(signal) {
      const found = await files.changed({ settledFor: 0 });
      if (found.length === 0) throw new Error(`no file matches ${config.include.join(', ')}`);
      for (const file of found) await handOverFile(file.path, ctx, signal);
    },
    async shutdown() {
      stopped.abort();
      await following.catch(() => {});
    },
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
