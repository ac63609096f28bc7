import { z } from 'wattline/plugin';

export default {
  contract: 2,
  kind: 'processor',
  type: 'refuses',
  stability: 'alpha',
  configSchema: z.strictObject({}),
  create() {
    throw new Error('`low` must be below `high`');
  },
};
