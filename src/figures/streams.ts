import type { RunFacts } from '../model/run-facts.ts';

const COUNT = /(?<![\w.-])(\d{1,4})\s*x?\s*-?\s*(?:concurrent\s+|parallel\s+)?streams?\b/i;
const SINGLE = /\bsingle[\s-]+stream\b/i;
const IDLE = /\b(?:baseline|idle)\b/i;

/**
 * The number of streams that a scenario's name states ("4 streams @ 5000k" is 4, a baseline or idle run is 0);
 * undefined where it states none, as in "10 Mbps Stream" or "-2 streams".
 */
export function streamsFromName(name: string): number | undefined {
  const count = COUNT.exec(name)?.[1];
  if (count !== undefined) return Number(count);
  if (SINGLE.test(name)) return 1;
  return IDLE.test(name) ? 0 : undefined;
}

/**
 * Returns the number of streams of a run: the stated one, else what its name states, else 0 where nothing was encoded;
 * undefined where nothing says.
 */
export function streamsOf({ streams, scenario, encoder }: Pick<RunFacts, 'streams' | 'scenario' | 'encoder'>) {
  if (streams !== undefined && streams >= 0) return streams;
  return streamsFromName(scenario ?? '') ?? (encoder === 'none' ? 0 : undefined);
}
