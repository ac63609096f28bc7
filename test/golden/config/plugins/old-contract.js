import { z } from 'wattline/plugin';

export default {
  kind: 'processor',
  type: 'old_contract',
  stability: 'beta',
  configSchema: z.strictObject({}),
  create: ({ next }) => next,
};
