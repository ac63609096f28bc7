import type { AdvisedKind, Adviser } from './advice.ts';
import { adviseOnPacking } from './packing.ts';
import { adviseOnRegions } from './region.ts';
import { adviseOnTime } from './time.ts';
import { adviseOnWaste } from './waste.ts';

/** Who looks for advice of which kind. */
export const advisers: Readonly<Record<AdvisedKind, Adviser>> = {
  packing: adviseOnPacking,
  region: adviseOnRegions,
  time: adviseOnTime,
  waste: adviseOnWaste,
};
