import { setTimeout } from 'node:timers/promises';
import {
  cpuUsage,
  definePlugin,
  duration,
  emitsOf,
  hostPower,
  messageOf,
  type Receiver,
  reference,
  type SourceContext,
  z,
} from 'wattline/plugin';
import { timeZone } from 'wattline/results';
import { ChangedFiles } from './changed-files.ts';
import { Delivery } from './delivery.ts';
import { KnownRuns } from './known-runs.ts';
import { leaveOut } from './left-out.ts';

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
  time_zone: timeZone()
    .optional()
    .describe(
      'The time zone of times that are text without `Z` or an offset, such as `Europe/Berlin`; without it they are refused, but for `test_date`, which is UTC',
    ),
  poll_interval: duration({ least: '10ms' })
    .prefault('1s')
    .describe(
      'How often to look for new and changed files, at least 10ms; what is cut off at the end of a file is reported once that has stayed as it is for so long',
    ),
  storage: reference('extension', 'storage')
    .optional()
    .describe(
      'The extension that keeps which runs were handed over, such as `file_storage`, so that none is sent again after a restart',
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

/** A stop waits so many milliseconds for what is under way, so that it is not sent again after a restart. */
const LAST_WAIT = 2000;

const knownMetric = {
  name: 'wattline_file_known_runs_total',
  unit: '1',
  description: 'Runs that were read again and not handed over, since they were handed over before',
};

function fileReceiver(ctx: SourceContext, config: Config): Receiver {
  const { storage, sampling, time_zone, poll_interval, include, start_at } = config;
  const files = new ChangedFiles(config, ctx.resolvePath('.'));
  const stopped = new AbortController();
  const known = new KnownRuns(ctx, storage);
  const { name, ...rest } = knownMetric;
  const counter = ctx.meter.createCounter(name, rest);
  const options = { sampling, timeZone: time_zone, known, onKnown: () => counter.add(1) };
  const delivery = new Delivery(ctx, { ...options, pause: poll_interval, signal: stopped.signal });
  let following: Promise<void> = Promise.resolve();
  let hasForgotten = false;
  let warned = '';
  const warnOnce = (what: string) => {
    if (what !== warned && what !== '') ctx.logger.warn(what);
    warned = what;
  };

  const look = async () => {
    for (const found of await files.changed()) {
      const outcome = await delivery.handOverFile(found.file, found);
      if (outcome === 'stopped') return;
      if (outcome === 'read') files.succeeded(found);
      else files.failed(found);
    }
    warnOnce(files.matched === 0 ? `no file matches ${include.join(', ')} yet` : '');
    if (hasForgotten || files.matched === 0 || !files.areAllRead) return;
    hasForgotten = true;
    await known.forgetOld();
  };

  const follow = async () => {
    while (!stopped.signal.aborted) {
      await delivery.retry();
      await look().catch((error: unknown) => warnOnce(`cannot look for files: ${messageOf(error)}`));
      await known.save();
      const pause = Math.min(files.pause, delivery.retryIn);
      await setTimeout(pause, undefined, { signal: stopped.signal }).catch(() => {});
    }
  };

  return {
    async start(signal) {
      await known.open();
      try {
        if (start_at === 'end' && known.isNew) await leaveOut(ctx, await files.all(), known, signal);
      } catch (error) {
        await known.close();
        throw error;
      }
      following = follow();
    },
    async readOnce(signal) {
      const found = await files.all();
      if (found.length === 0) throw new Error(`no file matches ${include.join(', ')}`);
      // Without a storage nothing is known, and nothing has to be remembered.
      if (storage !== undefined) await known.open();
      const once = new Delivery(ctx, { ...options, known: storage === undefined ? undefined : known, signal });
      let unreadable = 0;
      const total = found.reduce((sum, { bytes }) => sum + bytes, 0);
      let done = 0;
      const onRead = (bytes: number) => {
        done += bytes;
        ctx.progress?.(done, total);
      };
      onRead(0);
      for (const { file } of found) {
        const outcome = await once.handOverFile(file, { isLast: true, toEnd: true, onRead });
        if (outcome === 'unreadable') unreadable++;
      }
      if (unreadable > 0) throw new Error(`${unreadable} of ${found.length} files could not be read`);
      await known.forgetOld();
    },
    async shutdown() {
      stopped.abort();
      await following;
      await delivery.settled(LAST_WAIT);
      await known.close();
    },
  };
}
