import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Receiver, Run } from 'wattline/plugin';
import plugin from '../../plugins/receivers/file/index.ts';
import { createTestContext, type TestContext, type TestContextOptions } from './context.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

const never = new AbortController().signal;

/** A `file` receiver under test, and what it has handed over. */
export interface TestedReceiver extends TestContext {
  readonly receiver: Receiver;
  /** The names of the runs that were taken: those that are new, and those that come again after a restart. */
  fresh(): string[];
  replayed(): string[];
}

/** A folder that receivers read, which end with the test. */
export async function fileReceivers() {
  const folder: TemporaryFolder = await temporaryFolder();
  const made: Receiver[] = [];
  onTestFinished(async () => {
    for (const receiver of made) await receiver.shutdown?.(never);
    await folder.remove();
  });
  const create = (config: object = {}, options: TestContextOptions = {}): TestedReceiver => {
    const context = createTestContext({ directory: folder.path, ...options });
    const parsed = plugin.configSchema.parse({ include: ['./*.json*'], poll_interval: '20ms', ...config });
    const receiver = plugin.create(context.ctx, parsed);
    made.push(receiver);
    const names = (isReplayed: boolean) =>
      context.runs.filter(({ replayed }: Run) => replayed === isReplayed).map(({ scenario }) => scenario ?? '');
    return { ...context, receiver, fresh: () => names(false), replayed: () => names(true) };
  };
  return {
    folder,
    create,
    async start(config?: object, options?: TestContextOptions): Promise<TestedReceiver> {
      const tested = create(config, options);
      await tested.receiver.start?.(never);
      return tested;
    },
  };
}

/** Longer than a few looks at a folder. */
export const aFewLooks = () => sleep(150);
