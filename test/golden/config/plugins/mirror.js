import { definePlugin, reference, z } from 'wattline/plugin';

export default definePlugin({
  contract: 2,
  kind: 'extension',
  type: 'mirror',
  stability: 'development',
  configSchema: z.strictObject({ of: reference('extension') }),
  create: () => ({}),
});
