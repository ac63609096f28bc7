import { build } from './cache.ts';
import { peers } from './peers.ts';

for (const recipe of Object.values(peers)) await build(recipe);
