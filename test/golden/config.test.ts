import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../src/config/load.ts';
import { ConfigurationError, formatProblem } from '../../src/errors.ts';
import { Loader } from '../../src/loader.ts';
import { Service } from '../../src/service/service.ts';

const folder = fileURLToPath(new URL('./config/', import.meta.url));
const names = readdirSync(folder)
  .map((file) => /^([^.]+)\.yaml$/.exec(file)?.[1])
  .filter((name) => name !== undefined);

/** What a configuration is loaded with beside its files: `<name>.json`. */
interface Given {
  readonly set?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** All problems of a configuration (and of a second file on top of it, where there is one), one a line, after what is warned of. */
async function problemsOf(name: string): Promise<string> {
  const files = [`${folder}${name}.yaml`, `${folder}${name}.2.yaml`].filter((file) => existsSync(file));
  const beside = `${folder}${name}.json`;
  const given: Given = existsSync(beside) ? JSON.parse(readFileSync(beside, 'utf8')) : {};
  try {
    const environment = { TEXT: 'start', ...given.environment };
    const configuration = await loadConfiguration(files, { loader: new Loader(), environment, set: given.set });
    new Service(configuration, { logger: pino({ enabled: false }), stdout: process.stdout, once: false });
    return '';
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const lines = [...error.warnings.map((warning) => `warning: ${warning}`), ...error.problems.map(formatProblem)];
    return lines
      .map((line) => `${line}\n`)
      .join('')
      .replaceAll(folder.slice(process.cwd().length + 1), '')
      .replaceAll(folder, '')
      .replaceAll(folder.slice(0, -1), '.');
  }
}

describe('a broken configuration', () => {
  it.each(names)('%s', async (name) => {
    const found = await problemsOf(name);
    const golden = `${folder}${name}.txt`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, found);
    expect(found).toBe(readFileSync(golden, 'utf8'));
    expect(found).not.toBe('');
  });

  it('is shown in more than eighty kinds', () => {
    expect(names.length).toBeGreaterThan(80);
  });
});
