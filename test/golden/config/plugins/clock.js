import { definePlugin, z } from 'wattline/plugin';

export default definePlugin({
  contract: 2,
  kind: 'extension',
  type: 'clock',
  stability: 'development',
  configSchema: z.strictObject({}),
  create: () => ({}),
});
