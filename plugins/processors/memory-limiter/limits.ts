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

/** Limits in bytes. */
export interface Limits {
  /** What is never to be exceeded. */
  readonly hard: number;
  /** Beyond it data are refused, so that what is under way still has room. */
  readonly soft: number;
}

/**
 * Returns the limits of a configuration on a machine with so many bytes, as the Collector reckons: those in MiB come first,
 * and a spike without a limit of its own may take a fifth. Throws where a spike may take all.
 */
export function limitsOf(settings: LimitSettings, total: number): Limits {
  const isFixed = settings.limit_mib > 0;
  const hard = isFixed ? settings.limit_mib * MIB : (settings.limit_percentage / 100) * total;
  const stated = isFixed ? settings.spike_limit_mib * MIB : (settings.spike_limit_percentage / 100) * total;
  const spike = stated > 0 ? stated : hard * SPIKE;
  if (spike >= hard) {
    const unit = isFixed ? 'mib' : 'percentage';
    throw new Error(`\`spike_limit_${unit}\` leaves nothing of \`limit_${unit}\`; make it smaller`);
  }
  return { hard, soft: hard - spike };
}
