import pino from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { loadConfiguration } from '../config/load.ts';
import { Loader } from '../loader.ts';
import { Service } from '../service/service.ts';

export interface ValidateOptions {
  readonly config: readonly string[];
  /** Values such as `exporters.debug.summary=true`, which come after all files. */
  readonly set?: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream;
}

/** Loads a configuration and builds all of its stages without starting any. Throws `ConfigurationError` with every problem. */
export async function validate({ config, set, environment, stdout }: ValidateOptions): Promise<Configuration> {
  const configuration = await loadConfiguration(config, { loader: new Loader(), environment, set });
  new Service(configuration, { logger: pino({ enabled: false }), stdout, once: false });
  return configuration;
}
