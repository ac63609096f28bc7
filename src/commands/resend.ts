import type { Component, Configuration } from '../config/configuration.ts';
import { type ConfigurationSource, loadConfiguration } from '../config/load.ts';
import { countOf } from '../count.ts';
import { messageOf, WattlineError } from '../errors.ts';
import { loadRunCodec } from '../pipeline/run-codec.ts';
import type { Consumer } from '../plugin/contract.ts';
import type { Run } from '../plugin/index.ts';
import type { DeadLetters } from '../plugin/storage.ts';
import { createLogger } from '../service/logger.ts';
import { Service } from '../service/service.ts';

/** The number of dead letters that are in memory at once. */
const STEP = 500;

export interface ResendOptions extends ConfigurationSource {
  /** The exporter whose dead letters are sent; undefined is all exporters. */
  readonly exporter?: string | undefined;
  readonly stdout: NodeJS.WritableStream;
  readonly stopped: AbortSignal;
}

/** What became of the dead letters of an exporter. */
interface Resent {
  sent: number;
  /** Why each of those that are left was not sent. */
  readonly left: string[];
}

/** An exporter with a queue on disk, and the name of its storage. */
interface Stored {
  readonly component: Component;
  readonly storage: string;
}

/**
 * Sends the dead letters of exporters again, also while another process uses the same queues, and removes those that have
 * arrived. Throws `NOT_DELIVERED` where some are left.
 */
export async function resend(options: ResendOptions): Promise<void> {
  const { exporter, stdout, stopped } = options;
  const configuration = await loadConfiguration(options.config, options);
  const stored = storedExporters(configuration).filter(
    ({ component }) => exporter === undefined || component.id === exporter,
  );
  if (stored.length === 0) {
    const what = exporter === undefined ? 'no exporter' : `exporter ${exporter}`;
    throw new WattlineError('NOTHING_TO_READ', `${what} with \`sending_queue.storage\` is in this configuration`);
  }
  const service = new Service(onlyExporters(configuration, stored), {
    logger: await createLogger('error'),
    stdout,
    once: true,
    withoutReceivers: true,
  });
  const left: string[] = [];
  try {
    await service.start(stopped);
    for (const { component, storage } of stored) {
      const letters = service.storages.get(storage)?.deadLetters?.(`exporter_${component.id}`);
      if (!letters) continue;
      const resent = await sendAgain(letters, service.pipelines.get(component.id) as Consumer, stopped);
      stdout.write(`${component.id}: sent ${countOf(resent.sent, 'run')} again from ${letters.place}\n`);
      left.push(...resent.left.map((reason) => `  ${component.id}: ${reason}`));
    }
  } finally {
    await service.stop();
  }
  if (left.length)
    throw new WattlineError('NOT_DELIVERED', [`${countOf(left.length, 'run')} left`, ...left].join('\n'));
}

async function sendAgain(letters: DeadLetters, to: Consumer, stopped: AbortSignal): Promise<Resent> {
  const { decode } = await loadRunCodec();
  const resent: Resent = { sent: 0, left: [] };
  const names = await letters.names();
  for (let from = 0; from < names.length && !stopped.aborted; from += STEP) {
    const runs = new Map<Run, string>();
    for (const name of names.slice(from, from + STEP)) {
      try {
        runs.set(decode(await letters.read(name)), name);
      } catch (error) {
        resent.left.push(`${name} cannot be read: ${messageOf(error)}`);
      }
    }
    const { refused, deferred, cause } = await to.consume([...runs.keys()], stopped);
    for (const { run, message } of refused) resent.left.push(`${runs.get(run)}: ${message}`);
    for (const run of deferred) resent.left.push(`${runs.get(run)}: ${cause ? messageOf(cause) : 'not taken'}`);
    const kept = new Set([...refused.map(({ run }) => run), ...deferred]);
    for (const [run, name] of runs) {
      if (kept.has(run)) continue;
      await letters.remove(name);
      resent.sent++;
    }
  }
  return resent;
}

function storedExporters({ components, pipelines }: Configuration): Stored[] {
  const used = new Set(pipelines.flatMap(({ exporters }) => exporters));
  return components.flatMap((component) => {
    const storage = queueOf(component)?.storage;
    return component.kind === 'exporter' && used.has(component.id) && storage ? [{ component, storage }] : [];
  });
}

/** Returns a configuration with a pipeline for each exporter, whose queue is in memory: another process may have that on disk. */
function onlyExporters(configuration: Configuration, stored: readonly Stored[]): Configuration {
  const ids = new Set(stored.map(({ component }) => component.id));
  return {
    ...configuration,
    components: configuration.components.map((component) => {
      if (component.kind !== 'exporter' || !ids.has(component.id)) return component;
      const config = component.config as object;
      return { ...component, config: { ...config, sending_queue: { ...queueOf(component), storage: undefined } } };
    }),
    extensions: [...new Set(stored.map(({ storage }) => storage))],
    pipelines: [...ids].map((id) => ({ id, receivers: [], processors: [], exporters: [id] })),
  };
}

function queueOf({ config }: Component): { readonly storage?: string } | undefined {
  return (config as { readonly sending_queue?: { readonly storage?: string } } | undefined)?.sending_queue;
}
