import { type RegionConfig, resolveRegion } from '../factors/region.ts';
import type { FactorSource } from '../factors/series.ts';
import { toSeconds } from '../model/hr-time.ts';
import type { Run } from '../model/run.ts';
import type { Place, Provider } from '../plugin/contract.ts';

/** What may revise factors that figures rest on. */
export interface Revisions {
  /** How often it is asked for, in milliseconds. */
  readonly pace: number;
  /**
   * Reads again what may have changed, and resolves with whether figures of these runs may be others now. Rejects where what
   * it reads is not valid, and leaves what was known as it was.
   */
  refresh(runs: readonly Run[], signal: AbortSignal): Promise<boolean>;
}

/** After how many milliseconds a provider is asked again that does not say itself. */
const REFRESH = 300_000;
/** Milliseconds between two looks at files. */
const LOOK = 5000;

/** Returns what asks a provider again about the time of runs: once for each place, so that its service gets few requests. */
export function revisionsByProvider(provider: Provider, regions: RegionConfig): Revisions {
  return {
    pace: provider.refresh ?? REFRESH,
    async refresh(runs, signal) {
      for (const { place, from, to } of extentsOf(runs, regions)) await provider.factors(place, from, to, signal);
      return runs.length > 0;
    },
  };
}

/** Returns what reads the files of a source again; none where it has none. */
export function revisionsByFiles(source: Pick<FactorSource, 'refresh'> | undefined): Revisions[] {
  const refresh = source?.refresh;
  return refresh ? [{ pace: LOOK, refresh: () => refresh() }] : [];
}

interface Extent {
  readonly place: Place;
  from: number;
  to: number;
}

/** The time of runs at each place, from the first to the last, in seconds since 1970. */
function extentsOf(runs: readonly Run[], regions: RegionConfig): Iterable<Extent> {
  const extents = new Map<string, Extent>();
  for (const run of runs) {
    const { place } = resolveRegion(run, regions);
    if (!place) continue;
    const { start, end } = run.window;
    const [from, to] = [toSeconds(start), toSeconds(end)];
    const known = extents.get(place.region);
    if (!known) extents.set(place.region, { place, from, to });
    else {
      known.from = Math.min(known.from, from);
      known.to = Math.max(known.to, to);
    }
  }
  return extents.values();
}
