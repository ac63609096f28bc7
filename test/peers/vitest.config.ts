import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';
import shared from '../../vitest.config.ts';

/** Fails the run at a test that is skipped. */
const noneSkipped: Reporter = {
  onTestRunEnd(modules) {
    for (const test of modules.flatMap(({ children }) => [...children.allTests('skipped')])) {
      console.error(`a test was skipped, and none may be here: ${test.fullName}`);
      process.exitCode = 1;
    }
  },
};

const results: ['json', { outputFile: string }] = ['json', { outputFile: 'test/peers/test-results.json' }];

export default defineConfig({
  ...shared,
  root: fileURLToPath(new URL('../../', import.meta.url)),
  test: {
    ...shared.test,
    include: ['test/peers/**/*.peer.ts'],
    maxWorkers: 2,
    // Peers send at their own pace, on machines that others use too.
    testTimeout: 120_000,
    expect: { poll: { timeout: 60_000, interval: 100 } },
    reporters: ['default', noneSkipped, ...(process.env.CI ? [results] : [])],
  },
});
