import { stringify } from 'yaml';
import { completeConfiguration } from '../config/complete.ts';
import { loadConfiguration } from '../config/load.ts';
import { Loader } from '../loader.ts';

export interface PrintConfigOptions {
  readonly config: readonly string[];
  /** Values that come after all files. */
  readonly set?: readonly string[] | undefined;
  readonly mode: 'redacted' | 'unredacted';
  readonly format: 'yaml' | 'json';
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * A configuration as it counts, as text: merged and expanded, with what holds where nothing is written, and secrets
 * replaced unless they are asked for. Throws `ConfigurationError` with every problem.
 */
export async function printConfig({ config, set, mode, format, environment }: PrintConfigOptions): Promise<string> {
  const { root, components } = await loadConfiguration(config, { loader: new Loader(), environment, set });
  const complete = completeConfiguration(root, components, { redacts: mode === 'redacted' });
  return format === 'json' ? `${JSON.stringify(complete, null, 2)}\n` : stringify(complete);
}
