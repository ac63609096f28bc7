import { definePlugin, reference, z } from 'wattline/plugin';

export default definePlugin({
  kind: 'extension',
  type: 'mirror',
  stability: 'development',
  configSchema: z.strictObject({ of: reference('extension') }),
  create: () => ({}),
});
