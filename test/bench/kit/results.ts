import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { git, type Machine } from './machine.ts';
import type { Row } from './row.ts';

const LATEST = 'test/bench/results/latest.json';

/** Where the results of a run of all benches are kept. */
export const latestFile = fileURLToPath(new URL('../results/latest.json', import.meta.url));

/** What a run of benches found. */
export interface Results {
  readonly machine: Machine;
  readonly rounds: number;
  readonly rows: readonly Row[];
}

/** The last committed results, else those of the last run; undefined where there are none. */
export async function lastResults(): Promise<Results | undefined> {
  const text = git('show', `HEAD:${LATEST}`) ?? (await readFile(latestFile, 'utf8').catch(() => undefined));
  return text === undefined ? undefined : (JSON.parse(text) as Results);
}

/** Writes results as JSON, numbers with six digits. */
export async function writeResults(file: string, results: Results): Promise<void> {
  const rounded = (_: string, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(6)) : value);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(results, rounded, 2)}\n`);
}
