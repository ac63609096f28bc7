const MIB = 1024 * 1024;
/** The part of the limit that a spike may take, where the configuration does not say. */
const SPIKE = 0.2;

/** The limits that a configuration states. */
export interface LimitSettings {
  readonly limit_mib: number;
  readonly spike_limit_mib: number;
  readonly limit_percentage: number;
  readonly spike_limit_percentage: number;
}

/**
 * Returns the bytes beyond which data are refused on a machine with so many, as the Collector reckons: the limit without
 * what a spike may take, which is a fifth where nothing is said. Limits in MiB come first. Throws where a spike may take all.
 */
export function refusalLimit(settings: LimitSettings, total: number): number {
  const isFixed = settings.limit_mib > 0;
  const limit = isFixed ? settings.limit_mib * MIB : (settings.limit_percentage / 100) * total;
  const stated = isFixed ? settings.spike_limit_mib * MIB : (settings.spike_limit_percentage / 100) * total;
  const spike = stated > 0 ? stated : limit * SPIKE;
  if (spike < limit) return limit - spike;
  const unit = isFixed ? 'mib' : 'percentage';
  throw new Error(`\`spike_limit_${unit}\` leaves nothing of \`limit_${unit}\`; make it smaller`);
}
