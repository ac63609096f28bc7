import pino from 'pino';
import { openEndpoints } from '../config/check-endpoints.ts';
import type { LoadedConfiguration } from '../config/configuration.ts';
import { type ConfigurationSource, loadConfiguration, withoutSecrets } from '../config/load.ts';
import { countOf } from '../count.ts';
import { ConfigurationError } from '../errors.ts';
import { Secrets } from '../model/secrets.ts';
import { Service } from '../service/service.ts';

export interface ValidateOptions extends ConfigurationSource {
  readonly json: boolean;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/**
 * Checks a configuration, builds all of its stages without starting any, and prints the result. Returns whether it is valid;
 * without `json`, throws `ConfigurationError` with every problem where it is not.
 */
export async function validate(options: ValidateOptions): Promise<boolean> {
  const { config, json, stdout, stderr, secrets = new Secrets() } = options;
  const print = (verdict: object) => stdout.write(`${JSON.stringify(verdict, undefined, 2)}\n`);
  try {
    const configuration = await build({ ...options, secrets });
    const { pipelines, components } = configuration;
    const warnings = [...configuration.warnings, ...openEndpoints(configuration.root, configuration)];
    const notes = components.flatMap(({ id, plugin, config: own }) => {
      return (plugin.notes?.(own) ?? []).map((note) => secrets.redact(`${id}: ${note}`));
    });
    if (json) print({ valid: true, problems: [], warnings, ...(notes.length > 0 && { notes }) });
    else {
      for (const warning of warnings) stderr.write(`warning: ${warning}\n`);
      stdout.write(`${config.join(', ')}: valid, ${countOf(pipelines.length, 'pipeline')}\n`);
      for (const note of notes) stdout.write(`  ${note}\n`);
    }
    return true;
  } catch (error) {
    if (!json || !(error instanceof ConfigurationError)) throw error;
    const problems = error.problems.map(({ code, at, path, message, remedy }) => {
      // An option of the command line, which may stand in place of a file, has no line and column.
      const { line, column } = at?.line ? at : { line: null, column: null };
      return { code, file: at?.file ?? null, line, column, path, message, remedy };
    });
    print({ valid: false, problems, ...(error.more > 0 && { more: error.more }), warnings: error.warnings });
    return false;
  }
}

async function build(options: ValidateOptions & { readonly secrets: Secrets }): Promise<LoadedConfiguration> {
  const configuration = await loadConfiguration(options.config, options);
  try {
    new Service(configuration, { logger: pino({ enabled: false }), stdout: options.stdout, once: false });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw withoutSecrets(new ConfigurationError(error.problems, configuration.warnings, error.more), options.secrets);
  }
  return configuration;
}
