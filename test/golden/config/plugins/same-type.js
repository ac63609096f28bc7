import { z } from 'wattline/plugin';

const processor = () => ({
  contract: 2,
  kind: 'processor',
  type: 'twice',
  stability: 'alpha',
  configSchema: z.strictObject({}),
  create: ({ next }) => next,
});

export default [processor(), processor()];
