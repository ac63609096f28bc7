import { build, type Recipe } from './cache.ts';
import { peers } from './peers.ts';

/** Builds the peers that this machine has not yet; those that take long only where `all` are asked for. */
export async function buildPeers(all: boolean): Promise<void> {
  const { java, python, ...others } = peers;
  const busy = Object.values<Recipe>(others).filter(({ isLong }) => all || !isLong);
  // Java's and Python's mostly wait for their registries.
  await Promise.all([inTurn(busy), build(java), build(python)]);
}

/** Builds one after the other: each uses all cores, and those of Go what others before have compiled. */
async function inTurn(recipes: readonly Recipe[]): Promise<void> {
  for (const recipe of recipes) await build(recipe);
}
