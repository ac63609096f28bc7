import { definePlugin, z } from 'wattline/plugin';

export default definePlugin({
  kind: 'extension',
  type: 'clock',
  stability: 'development',
  configSchema: z.strictObject({}),
  create: () => ({}),
});
