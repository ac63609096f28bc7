import type { AdviceKind, Adviser } from './advice.ts';
import { adviseOnPacking } from './packing.ts';
import { adviseOnRegions } from './region.ts';
import { adviseOnSettings } from './settings/advise-settings.ts';
import { adviseOnTime } from './time.ts';
import { adviseOnWaste } from './waste.ts';

/** Who looks for advice of which kind. */
export const advisers: Readonly<Record<AdviceKind, Adviser>> = {
  settings: adviseOnSettings,
  packing: adviseOnPacking,
  region: adviseOnRegions,
  time: adviseOnTime,
  waste: adviseOnWaste,
};
