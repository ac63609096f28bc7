import type { AdviceKind, Adviser } from './advice.ts';
import { adviseOnPacking } from './packing.ts';
import { adviseOnRegions } from './region.ts';
import { adviseOnTime } from './time.ts';
import { adviseOnWaste } from './waste.ts';

/** Who looks for advice of which kind. */
export const advisers: Readonly<Partial<Record<AdviceKind, Adviser>>> = {
  packing: adviseOnPacking,
  region: adviseOnRegions,
  time: adviseOnTime,
  waste: adviseOnWaste,
};

/** The kinds of advice that are looked for. */
export const advisedKinds = Object.keys(advisers) as readonly AdviceKind[];
