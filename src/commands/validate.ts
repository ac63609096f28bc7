import pino from 'pino';
import type { Configuration } from '../config/configuration.ts';
import { loadConfiguration } from '../config/load.ts';
import { ConfigurationError, type ErrorCode } from '../errors.ts';
import { Loader } from '../loader.ts';
import { Service } from '../service/service.ts';

export interface ValidateOptions {
  readonly config: readonly string[];
  /** Values such as `exporters.debug.summary=true`, merged after all files. */
  readonly set?: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream;
}

/** The output of `validate --json`. */
export interface Verdict {
  readonly valid: boolean;
  readonly problems: readonly {
    readonly code: ErrorCode;
    /** A file, or an option of the command line, which has no line and column. */
    readonly file: string | null;
    readonly line: number | null;
    readonly column: number | null;
    readonly path: string;
    readonly message: string;
    readonly remedy: string;
  }[];
  readonly warnings: readonly string[];
}

/** Loads a configuration and builds all of its stages without starting any. Throws `ConfigurationError` with every problem. */
export async function validate({ config, set, environment, stdout }: ValidateOptions): Promise<Configuration> {
  const configuration = await loadConfiguration(config, { loader: new Loader(), environment, set });
  try {
    new Service(configuration, { logger: pino({ enabled: false }), stdout, once: false });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    throw new ConfigurationError(error.problems, configuration.warnings);
  }
  return configuration;
}

/** Validates a configuration as `validate` does, and returns its problems in place of throwing them. */
export async function judge(options: ValidateOptions): Promise<Verdict> {
  try {
    const { warnings } = await validate(options);
    return { valid: true, problems: [], warnings };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const problems = error.problems.map(({ code, at, path, message, remedy }) => {
      const { line, column } = at?.line ? at : { line: null, column: null };
      return { code, file: at?.file ?? null, line, column, path, message, remedy };
    });
    return { valid: false, problems, warnings: error.warnings };
  }
}
