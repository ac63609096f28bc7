import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { Loader } from '../../src/loader.ts';
import type { Target } from './target.ts';

const FOLDER = new URL('targets/', import.meta.url);

/** Loads the targets of these names, or all. Throws where there is none of a name. */
export async function targetsOf(names: readonly string[] = []): Promise<Target<unknown>[]> {
  // Plugins find `wattline/…` through its hooks.
  new Loader();
  const all = readdirSync(FOLDER).map((file) => basename(file, '.ts'));
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length) throw new Error(`there is no target ${unknown.join(', ')}; there are ${all.join(', ')}`);
  const chosen = names.length ? names : all;
  return Promise.all(chosen.map(async (name) => (await import(new URL(`${name}.ts`, FOLDER).href)).default));
}

/** Returns how many of all cases each target gets. */
export function sharesOf(targets: readonly Target<unknown>[], cases: number): number[] {
  const weights = targets.map(({ weight = 1 }) => weight);
  const sum = weights.reduce((before, weight) => before + weight, 0);
  return weights.map((weight) => Math.ceil((cases * weight) / sum));
}
