import { createRequire } from 'node:module';
import type * as polyfill from 'temporal-polyfill';

const load = createRequire(import.meta.url);

/** Returns the calendar of `Temporal`, loaded at the first call, since most configurations name no time. */
export function temporal(): typeof polyfill.Temporal {
  return (load('temporal-polyfill') as typeof polyfill).Temporal;
}
