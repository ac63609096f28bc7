import { loadConfiguration } from '../config/load.ts';
import { WattlineError } from '../errors.ts';
import { Loader } from '../loader.ts';
import type { Deliveries } from '../pipeline/counted.ts';
import { createLogger } from '../service/logger.ts';
import { Service } from '../service/service.ts';

/** How many different reasons are printed. */
const MOST_REASONS = 20;

export interface RunOptions {
  readonly config: readonly string[];
  /** Values such as `exporters.debug.summary=true`, which come after all files. */
  readonly set?: readonly string[] | undefined;
  readonly once: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream;
  /** Aborted when the operator asks for the end. */
  readonly stopped: AbortSignal;
}

/**
 * Runs a pipeline until it is told to stop, or, with `once`, until everything that is there has been delivered.
 * Throws where the configuration has problems, a stage cannot start, or something could not be delivered.
 */
export async function run({ config, set, once, environment, stdout, stopped }: RunOptions): Promise<void> {
  const configuration = await loadConfiguration(config, { loader: new Loader(), environment, set });
  const logger = createLogger(configuration.logLevel);
  for (const warning of configuration.warnings) logger.warn(warning);
  const service = new Service(configuration, { logger, stdout, once });
  await service.start(stopped);
  logger.debug('all stages have started');
  let deliveries: Deliveries | undefined;
  let failure: unknown;
  try {
    if (once) deliveries = await service.readOnce(stopped);
    else await untilAborted(stopped);
  } catch (error) {
    failure = error;
  }
  const errors = await service.stop();
  for (const error of errors) logger.error(error.message);
  if (failure) throw failure;
  if (deliveries) checkDelivered(deliveries, errors);
  logger.debug('stopped');
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
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
