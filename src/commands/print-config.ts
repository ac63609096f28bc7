import { stringify } from 'yaml';
import { completeConfiguration } from '../config/complete.ts';
import { type ConfigurationSource, loadConfiguration } from '../config/load.ts';

export interface PrintConfigOptions extends ConfigurationSource {
  readonly mode: 'redacted' | 'unredacted';
  readonly format: 'yaml' | 'json';
}

/**
 * Returns the effective configuration as text: merged, expanded and with all defaults, its secrets replaced unless `mode`
 * is `unredacted`. Throws `ConfigurationError` with every problem.
 */
export async function printConfig({ mode, format, ...source }: PrintConfigOptions): Promise<string> {
  const { root, components } = await loadConfiguration(source.config, source);
  const complete = completeConfiguration(root, components, { redacts: mode === 'redacted' });
  return format === 'json' ? `${JSON.stringify(complete, null, 2)}\n` : stringify(complete);
}
