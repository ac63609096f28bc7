import { authenticatorsOf, type Configuration } from '../config/configuration.ts';
import { Secrets } from '../model/secrets.ts';
import { allTaken, type Run } from '../plugin/index.ts';
import { createLogger } from './logger.ts';
import { Service, type ServiceOptions } from './service.ts';

/** What a dry run needs besides its configuration; without a logger it says what fails only. */
export type DryRunOptions = Pick<ServiceOptions, 'stdout' | 'explain' | 'onSkip' | 'secrets'> &
  Partial<Pick<ServiceOptions, 'logger'>> & { readonly signal: AbortSignal };

/**
 * Starts a configuration without its receivers, exporters and extensions, but for those that give credentials: runs enter by the service's `pipelines`, and
 * `arrived` is called with those that reach the end of one.
 */
export async function startDryRun(
  configuration: Configuration,
  arrived: (runs: readonly Run[]) => void,
  { signal, secrets = new Secrets(), logger, ...options }: DryRunOptions,
): Promise<Service> {
  const sink = () => ({
    async consume(runs: readonly Run[]) {
      arrived(runs);
      return allTaken;
    },
  });
  const service = new Service(
    { ...configuration, extensions: authenticatorsOf(configuration) },
    {
      ...options,
      logger: logger ?? (await createLogger('error', { secrets })),
      secrets,
      once: true,
      withoutReceivers: true,
      sink,
    },
  );
  await service.start(signal);
  return service;
}
