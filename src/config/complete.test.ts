import { expect, it } from 'vitest';
import { definePlugin, z } from '../plugin/index.ts';
import { completeConfiguration } from './complete.ts';
import type { Component } from './configuration.ts';
import { parseYaml } from './parse-yaml.ts';

it('has the defaults of parts that several settings share', () => {
  const job = z.strictObject({ name: z.string(), size: z.int().default(3) }).meta({ id: 'complete_test_job' });
  const configSchema = z.strictObject({
    jobs: z.array(job).default([]),
    within: z.strictObject({ jobs: z.array(job), best: job.optional() }).optional(),
  });
  const plugin = definePlugin({
    contract: 2,
    kind: 'exporter',
    type: 'a',
    stability: 'alpha',
    configSchema,
    create: () => ({ consume: async () => ({ refused: [], deferred: [] }) }),
  });
  const text = 'exporters: { a: { jobs: [{ name: x }], within: { jobs: [{ name: y, size: 5 }], best: { name: z } } } }';
  const root = parseYaml(text, 'a.yaml', []);
  if (root?.kind !== 'map') throw new Error('it is no map');
  const component = { kind: 'exporter', id: 'a', plugin } as unknown as Component;
  expect(completeConfiguration(root, [component], { redacts: false }).exporters).toEqual({
    a: {
      jobs: [{ name: 'x', size: 3 }],
      within: { jobs: [{ name: 'y', size: 5 }], best: { name: 'z', size: 3 } },
    },
  });
});
