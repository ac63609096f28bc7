import { once } from 'node:events';
import type { WriteStream } from 'node:tty';
import type { Logger } from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { type ConfigurationSource, loadConfiguration } from '../config/load.ts';
import { WattlineError } from '../errors.ts';
import { Secrets } from '../model/secrets.ts';
import type { Deliveries } from '../pipeline/deliveries.ts';
import { ConfigWatch, type FileState, stateOf } from '../service/config-watch.ts';
import { createLogger } from '../service/logger.ts';
import { Service } from '../service/service.ts';

/** The maximum number of different reasons that are printed. */
const MOST_REASONS = 20;

export interface RunOptions extends ConfigurationSource {
  readonly once: boolean;
  readonly stdout: NodeJS.WritableStream;
  /** The terminal that shows the progress of `once`, if any. */
  readonly terminal?: WriteStream | undefined;
  /** Aborted when the operator stops the process. */
  readonly stopped: AbortSignal;
  /** Yields each time that the operator asks to reload the configuration. */
  readonly hangUps?: AsyncIterable<unknown>;
  /** Whether it is also reloaded when one of its files has changed. */
  readonly watchConfig?: boolean;
}

/**
 * Runs the pipelines until `stopped` is aborted or, with `once`, until all present data has been delivered. Throws where
 * the configuration has problems, a stage cannot start, or data could not be delivered.
 */
export async function run(given: RunOptions): Promise<void> {
  const { once: isOnce, terminal, stopped, secrets = new Secrets() } = given;
  const options = { ...given, secrets };
  const files = new Map<string, FileState>();
  const configuration = await load(options, files);
  const bar = isOnce && terminal ? await showProgress(terminal) : undefined;
  const logger = await createLogger(configuration.logLevel, {
    terminal: terminal && bar?.above(terminal),
    secrets,
  });
  for (const warning of configuration.warnings) logger.warn(warning);
  const onProgress = bar && ((id: string, done: number, total: number) => bar.update(id, done, total));
  const stdout = bar && isTerminal(options.stdout) ? bar.above(options.stdout) : options.stdout;
  const service = new Service(configuration, { logger, secrets, stdout, once: isOnce, onProgress });
  await service.start(stopped);
  logger.debug('all stages have started');
  followChanges(service, logger, options, files);
  let deliveries: Deliveries | undefined;
  let failure: unknown;
  try {
    if (isOnce) deliveries = await service.readOnce(stopped);
    else if (!stopped.aborted) await once(stopped, 'abort');
  } catch (error) {
    failure = error;
  }
  bar?.finish();
  const errors = await service.stop();
  for (const error of errors) logger.error(error.message);
  if (failure) throw failure;
  if (deliveries) checkDelivered(deliveries, errors);
  logger.debug('stopped');
}

async function showProgress(terminal: WriteStream) {
  const { progressBar } = await import('../terminal/progress-bar.ts');
  return progressBar(terminal);
}

function isTerminal(stream: NodeJS.WritableStream): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

/** Loads the configuration. With `watchConfig`, adds each file that it comes from to `files`, with its state before that. */
function load(options: RunOptions, files: Map<string, FileState>): Promise<Configuration> {
  const onRead = options.watchConfig ? (file: string) => files.set(file, stateOf(file)) : undefined;
  return loadConfiguration(options.config, { ...options, onRead });
}

/** Reloads the configuration on each request, and with `watchConfig` on each change of its files, until the service stops. */
function followChanges(
  service: Service,
  logger: Logger,
  options: RunOptions,
  files: ReadonlyMap<string, FileState>,
): void {
  const { hangUps, stopped, watchConfig } = options;
  const reload = () => {
    service.reload(async () => {
      const files = new Map<string, FileState>();
      try {
        const configuration = await load(options, files);
        for (const warning of configuration.warnings) logger.warn(warning);
        return configuration;
      } finally {
        watch?.follow(files);
      }
    });
  };
  const watch = watchConfig ? new ConfigWatch(reload) : undefined;
  watch?.follow(files);
  stopped.addEventListener('abort', () => watch?.close(), { once: true });
  const followHangUps = async () => {
    for await (const _ of hangUps ?? []) reload();
  };
  // The iteration rejects when the signal is aborted.
  followHangUps().catch(() => {});
}

function checkDelivered({ delivered, failures }: Deliveries, stopErrors: readonly Error[]): void {
  const missing = [...failures.values()].reduce((sum, count) => sum + count, 0);
  if (missing === 0 && stopErrors.length === 0) return;
  const reasons = [...failures].map(([reason, count]) => `  ${count} × ${reason}`);
  const lines = [...reasons.slice(0, MOST_REASONS), ...stopErrors.map(({ message }) => `  ${message}`)];
  if (reasons.length > MOST_REASONS) lines.push(`  and ${reasons.length - MOST_REASONS} more reasons`);
  const summary = `${missing} of ${missing + delivered} runs were not delivered`;
  throw new WattlineError('NOT_DELIVERED', [summary, ...lines].join('\n'));
}
