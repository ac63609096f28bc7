import type { LoadedConfiguration } from '../../src/config/configuration.ts';
import type { Consumer, Lifecycle } from '../../src/plugin/contract.ts';
import { outcomeFor, type Processor, type Receiver, Run } from '../../src/plugin/index.ts';
import type { Kind } from '../../src/plugin/kind.ts';
import { createTestContext } from './context.ts';
import { memoryStorage } from './memory-storage.ts';

const { signal } = new AbortController();

/** Takes runs over as they are. */
export const asTheyAre = (next: Consumer): Consumer => next;

/** The same run as one that knows nothing but the SDK's shape has it, from another process. */
export const clone = (run: Run): Run => Run.from(structuredClone(run.toResourceMetrics()));

/** Takes runs over as a stage would that knows nothing but the SDK's shape, and has them from another process. */
export const asTheSdkHasThem = (next: Consumer): Consumer => ({
  async consume(runs, within) {
    const origins = new Map(runs.map((run) => [clone(run), run]));
    return outcomeFor(await next.consume([...origins.keys()], within), (made) => origins.get(made) as Run);
  },
});

/** The stages of a configuration's first pipeline, each handed runs as `between` says; `exported` is what leaves the last one. */
export function connect({ pipelines, components }: LoadedConfiguration, between: (next: Consumer) => Consumer) {
  const [pipeline] = pipelines;
  const { ctx: end, runs: exported } = createTestContext();
  const storages = { file_storage: memoryStorage() };
  const stages: Lifecycle[] = [];
  let next = between(end.next);
  const create = (kind: Kind, id: string): Lifecycle => {
    const component = components.find((one) => one.kind === kind && one.id === id);
    if (!component) throw new Error(`there is no ${kind} ${id}`);
    const behind = next;
    const { ctx } = createTestContext({
      ...{ id, storages, directory: component.directory },
      next: (runs, within) => behind.consume(runs, within),
    });
    // Nobody asks how figures come about, as in a service.
    const stage = component.plugin.create({ ...ctx, explain: undefined } as never, component.config) as Lifecycle;
    stages.push(stage);
    return stage;
  };
  for (const id of pipeline?.processors.toReversed() ?? []) next = between(create('processor', id) as Processor);
  return { head: next, create, stages, exported };
}

/** The runs of a results file after a configuration's first pipeline. */
export async function exportedFrom(
  configuration: LoadedConfiguration,
  between: (next: Consumer) => Consumer,
): Promise<readonly Run[]> {
  const { create, stages, exported } = connect(configuration, between);
  const processors = [...stages];
  const receiver = create('receiver', 'file') as Receiver;
  for (const stage of processors) await stage.start?.(signal);
  await receiver.readOnce?.(signal);
  for (const stage of processors.toReversed()) await stage.shutdown?.(signal);
  return exported;
}
