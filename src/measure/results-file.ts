import { access, constants, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf, WattlineError } from '../errors.ts';
import type { Scenario } from './scenario.ts';

const RUNS = 'scenarios';

type Document = Readonly<Record<string, unknown>> & { readonly scenarios: readonly unknown[] };

/** Checks before the measurement that the results file is absent or a results document. Throws `START_FAILED` otherwise. */
export async function checkResultsFile(path: string): Promise<void> {
  try {
    await read(path);
    await access(dirname(await target(path)), constants.W_OK);
  } catch (error) {
    throw new WattlineError('START_FAILED', `results cannot be written to ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Adds a run to a results file, which is created where it is absent. Readers see the old file or the new one, never a
 * partial one. Throws `NOT_DELIVERED` where the file cannot be written.
 */
export async function addToResults(path: string, scenario: Scenario): Promise<void> {
  try {
    const { scenarios, ...header } = (await read(path)) ?? { test_date: new Date().toISOString(), scenarios: [] };
    await replace(await target(path), format(header, [...scenarios, scenario]));
  } catch (error) {
    const message = `the results of ${scenario.name} could not be written to ${path}: ${messageOf(error)}`;
    throw new WattlineError('NOT_DELIVERED', message, { cause: error });
  }
}

/** Formats a document with one run per line. */
function format(header: Readonly<Record<string, unknown>>, scenarios: readonly unknown[]): string {
  const fields = Object.entries(header).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  const runs = scenarios.map((run) => `    ${JSON.stringify(run)}`);
  return `{\n${fields.join('')}  "${RUNS}": [\n${runs.join(',\n')}\n  ]\n}\n`;
}

async function read(path: string): Promise<Document | undefined> {
  const wanted = `it must be a JSON document with a list of \`${RUNS}\` to be added to`;
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error instanceof SyntaxError ? new Error(`${wanted}; ${error.message}`, { cause: error }) : error;
  }
  if (typeof document !== 'object' || document === null || !Array.isArray((document as Partial<Document>)[RUNS])) {
    throw new Error(wanted);
  }
  return document as Document;
}

/** Returns the target where the path is a symbolic link. */
function target(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

async function replace(path: string, text: string): Promise<void> {
  const mode = await stat(path).then(
    (found) => found.mode & 0o777,
    () => 0o666,
  );
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text, { mode, flush: true });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
