import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Context, definePlugin, type Extension, messageOf, sharedStates, z } from 'wattline/plugin';
import { openDatabase, stateFile } from './database.ts';
import { DatabaseQueue } from './database-queue.ts';
import { DatabaseState } from './database-state.ts';
import { fileNameOf } from './file-name.ts';

const configSchema = z.strictObject({
  directory: z
    .string()
    .min(1)
    .describe(
      'The folder with a file for each queue and each state, relative to the configuration; it is made where there is none',
    ),
});

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
        return new DatabaseState(openDatabase(file, stateFile), file);
      }),
      async openQueue(name) {
        const file = join(directory, fileNameOf(name));
        return new DatabaseQueue(openDatabase(file), file);
      },
    },
  };
}
