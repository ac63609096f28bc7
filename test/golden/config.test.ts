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

/** All problems of a configuration (and of a second file on top of it, where there is one), one a line. */
async function problemsOf(name: string): Promise<string> {
  const files = [`${folder}${name}.yaml`, `${folder}${name}.2.yaml`].filter((file) => existsSync(file));
  try {
    const configuration = await loadConfiguration(files, { loader: new Loader(), environment: { TEXT: 'start' } });
    new Service(configuration, { logger: pino({ enabled: false }), stdout: process.stdout, once: false });
    return '';
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const lines = error.problems.map((problem) => `${formatProblem(problem)}\n`);
    return lines
      .join('')
      .replaceAll(folder.slice(process.cwd().length + 1), '')
      .replaceAll(folder, '');
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

  it('is shown in more than twenty kinds', () => {
    expect(names.length).toBeGreaterThan(20);
  });
});
