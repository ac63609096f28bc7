import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  resolve: {
    alias: {
      'wattline/figures': fileURLToPath(new URL('./src/figures/index.ts', import.meta.url)),
      'wattline/http': fileURLToPath(new URL('./src/http/index.ts', import.meta.url)),
      'wattline/otlp': fileURLToPath(new URL('./src/otlp/index.ts', import.meta.url)),
      'wattline/plugin': fileURLToPath(new URL('./src/plugin/index.ts', import.meta.url)),
      'wattline/prediction': fileURLToPath(new URL('./src/prediction/index.ts', import.meta.url)),
      'wattline/prometheus': fileURLToPath(new URL('./src/prometheus/index.ts', import.meta.url)),
      'wattline/provider': fileURLToPath(new URL('./src/provider/index.ts', import.meta.url)),
      'wattline/receiving': fileURLToPath(new URL('./src/receiving/index.ts', import.meta.url)),
      'wattline/results': fileURLToPath(new URL('./src/results/index.ts', import.meta.url)),
      'wattline/testing': fileURLToPath(new URL('./test/kit/testing.ts', import.meta.url)),
    },
  },
  test: {
    include: ['{src,plugins,config,deploy,test}/**/*.test.ts'],
    // Most tests wait for other processes, and do that side by side.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 90_000,
    expect: { poll: { timeout: 10_000 } },
    reporters: process.env.CI ? ['default', ['json', { outputFile: 'test-results.json' }]] : ['default'],
  },
});
