/** The energy to encode something once, and the bits that each view of it delivers. */
export interface EncodedOnce {
  readonly joules: number;
  readonly bits: number;
}

/** What more views mean for two encodes of the same quality. */
export type BreakEven =
  /** One of them takes less energy above so many views, the other below. */
  | { readonly views: number; readonly above: 'first' | 'second' }
  /** One of them takes no more energy, however often it is viewed. */
  | { readonly always: 'first' | 'second' };

/**
 * Returns above how many views the encode that costs more energy pays, since it delivers fewer bits:
 * N* = ΔE_encode / (joules per bit · Δbits).
 */
export function breakEven(first: EncodedOnce, second: EncodedOnce, joulesPerBit: number): BreakEven {
  const more = second.joules - first.joules;
  const savedPerView = joulesPerBit * (first.bits - second.bits);
  if (more <= 0 && savedPerView >= 0) return { always: 'second' };
  if (more >= 0 && savedPerView <= 0) return { always: 'first' };
  return { views: more / savedPerView, above: savedPerView > 0 ? 'second' : 'first' };
}

/** Returns the energy of an encode and of all its views, in joules. */
export function energyWithViews({ joules, bits }: EncodedOnce, views: number, joulesPerBit: number): number {
  return joules + views * joulesPerBit * bits;
}
