import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';
import shared from '../../vitest.config.ts';

/** Says with which choices to run again. */
const seed = process.env.CHAOS_SEED ?? String(Math.floor(Math.random() * 2 ** 31));
const sayings: Reporter = {
  onInit: () => console.log(`CHAOS_SEED=${seed}`),
  onTestRunEnd: () => console.log(`CHAOS_SEED=${seed}`),
};

const results: ['json', { outputFile: string }] = ['json', { outputFile: 'test/chaos/test-results.json' }];

export default defineConfig({
  ...shared,
  root: fileURLToPath(new URL('../../', import.meta.url)),
  test: {
    ...shared.test,
    include: ['test/chaos/**/*.chaos.ts'],
    env: { CHAOS_SEED: seed },
    maxWorkers: 3,
    // A suite takes as long as its kills, of which there may be many.
    testTimeout: 300_000 + 10_000 * Number(process.env.CHAOS_KILLS ?? 100),
    expect: { poll: { timeout: 60_000, interval: 100 } },
    reporters: ['default', sayings, ...(process.env.CI ? [results] : [])],
  },
});
