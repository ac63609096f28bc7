import { build, type Recipe } from './cache.ts';
import { peers } from './peers.ts';

const { java, python, ...ofGo } = peers;

/** Builds one after the other: each uses all cores, and what those before have compiled. */
async function inTurn(recipes: readonly Recipe[]): Promise<void> {
  for (const recipe of recipes) await build(recipe);
}

// The others mostly wait for their registries.
await Promise.all([inTurn(Object.values(ofGo)), build(java), build(python)]);
