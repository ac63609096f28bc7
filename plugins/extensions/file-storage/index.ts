import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type Context,
  definePlugin,
  type Extension,
  foreignKeys,
  ignored,
  messageOf,
  type StoredQueue,
  sharedStates,
  z,
} from 'wattline/plugin';
import { openDatabase, stateFile } from './database.ts';
import { DatabaseState } from './database-state.ts';
import { fileNameOf } from './file-name.ts';
import { moveFormerQueue } from './former-queue.ts';
import { LetterFolder } from './letter-folder.ts';
import { type Loss, SegmentQueue } from './segment-queue.ts';

const configSchema = z
  .strictObject({
    directory: z
      .string()
      .min(1)
      .describe(
        'The folder with a folder for each queue and a file for each state, relative to the configuration; it is made where there is none',
      ),
    strict: z
      .boolean()
      .default(false)
      .describe(
        'Whether Wattline refuses to start where runs in a queue cannot be read any more; otherwise they are counted, named and put aside',
      ),
    dead_letters_mib: z
      .int()
      .positive()
      .default(100)
      .describe(
        'How much of the runs that were acknowledged and then rejected or given up is kept for each exporter, for `wattline resend`; what has no room there stays in the queue',
      ),
  })
  .meta(
    foreignKeys({
      timeout: ignored('nobody waits for a lock: one process has the folder'),
      fsync: ignored('what is acknowledged is always synced', true),
      compaction: ignored('queues are made of files that are removed once they are sent'),
      max_transaction_size: ignored('there are no transactions to be divided'),
      create_directory: ignored('the folder is made where there is none', true),
      directory_permissions: ignored('the folder belongs to its user alone', '0700'),
      recreate: ignored('what cannot be read is put aside, unless `strict` is set', true),
    }),
  );

type Config = z.output<typeof configSchema>;

export default definePlugin({
  contract: 2,
  kind: 'extension',
  type: 'file_storage',
  stability: 'beta',
  configSchema,
  offers: ['storage'],
  create: (ctx, config) => fileStorage(ctx, config),
});

function fileStorage(ctx: Context, config: Config): Extension {
  const directory = ctx.resolvePath(config.directory);
  return {
    async start() {
      try {
        await mkdir(directory, { recursive: true, mode: 0o700 });
      } catch (error) {
        const remedy = 'set `directory` to one that this user may create and write to';
        throw new Error(`the folder ${directory} cannot be created; ${remedy}: ${messageOf(error)}`, { cause: error });
      }
    },
    storage: {
      ...sharedStates((name) => {
        const file = join(directory, fileNameOf(`state_${name}`));
        return openState(ctx, file);
      }),
      deadLetters(name) {
        const place = join(directory, fileNameOf(name).replace(/\.db$/, '.rejected'));
        return new LetterFolder(place, config.dead_letters_mib * 2 ** 20);
      },
      openQueue: (name) => openQueue(ctx, join(directory, fileNameOf(name)), config.strict),
    },
  };
}

/** Opens a state. Rows that cannot be read any more are named, counted and put aside; the others count. */
function openState(ctx: Context, file: string): DatabaseState {
  const state = new DatabaseState(openDatabase(file, stateFile), file);
  for (const key of state.damaged) {
    const message = `the row \`${key}\` of ${file} cannot be read any more; it is put aside in its table \`damaged\`, and what it counted begins at 0`;
    ctx.logger.error(message);
    ctx.skip({ item: 'state', reason: 'unreadable', message });
  }
  return state;
}

/** Opens the queue that takes the place of a former database. Rejects where it has lost entries and `isStrict`. */
async function openQueue(ctx: Context, former: string, isStrict: boolean): Promise<StoredQueue> {
  const onVanished = (message: string) => {
    ctx.logger.error(`${message}; it has been made anew`);
  };
  const queue = new SegmentQueue(former.replace(/\.db$/, '.queue'), { onVanished });
  const tell = ({ path, entries, isCut }: Loss) => {
    const message = `${isCut ? 'at least ' : ''}${entries} of the runs in ${path} were acknowledged and cannot be read any more`;
    if (isStrict) throw new Error(`${message}; restore the file, or set \`strict: false\` to start without them`);
    ctx.logger.error(`${message}; what is left of them is put aside, and the others are sent`);
    for (let entry = 0; entry < entries; entry++) ctx.skip({ item: 'run', reason: 'unreadable', message });
  };
  try {
    for (const loss of queue.lost) tell(loss);
    queue.setLostAside();
    await moveFormerQueue(former, queue, (entries) => tell({ path: former, entries, isCut: false }));
    return queue;
  } catch (error) {
    await queue.close();
    throw error;
  }
}
