import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AnyPlugin } from '../../src/plugin/contract.ts';
import { allTaken, definePlugin, z } from '../../src/plugin/index.ts';
import { breachesOf } from './contract.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder({
    'README.md': '# A thing\n\n## Limits\n\n## Configuration\n\n| key |\n| --- |\n| `known` |\n',
    'sample.yaml': 'thing:\n  # known: 1\n  other: 2\n',
  });
});
afterAll(() => folder.remove());

it('says everything that a plugin breaks of the contract', async () => {
  const plugin = definePlugin({
    contract: 2,
    kind: 'processor',
    type: 'thing',
    stability: 'splendid' as 'beta',
    configSchema: z.object({ known: z.number().optional(), unsaid: z.number().optional() }),
    emits: { thing_total: { unit: '1', description: '' } },
    create: ({ next }) => {
      const timer = setTimeout(() => {}, 50);
      return {
        shutdown: async () => {
          if (timer.hasRef()) timer.unref();
          else throw new Error('I am stopped already');
        },
        consume: async (runs, signal) => {
          for (const run of runs) Object.assign(run.attributes, { edited: true });
          await next.consume(runs, signal);
          return allTaken;
        },
      };
    },
  });
  const breaches = await breachesOf(plugin as AnyPlugin, folder.path);
  expect(breaches).toEqual([
    'its stability is none of development, alpha, beta, stable',
    'it has no test',
    'it takes an unknown key in its section; use z.strictObject',
    'the option `known` has no description',
    'the option `unsaid` has no description',
    "the option `unsaid` is not in the README's table of the configuration",
    'the option `unsaid` is not in the sample',
    'the README must have the headings Configuration, Metrics, Example, Limits, and has Limits, Configuration',
    "the metric `thing_total` in 1 is not in the README's table",
    'the metric `thing_total` has no description',
    expect.stringMatching(/^create opens something: .*Timeout/),
    'it cannot be started and shut down: Error: I am stopped already',
    expect.stringContaining('it does not hand "broken" of its next stage back as it is, but TypeError'),
    expect.stringContaining('it fails on a run that may not be edited: TypeError'),
    expect.stringContaining('it fails on a run that may not be edited: TypeError'),
  ]);
});

it('says where a processor keeps to itself what its next stage says', async () => {
  const plugin = definePlugin({
    contract: 2,
    kind: 'processor',
    type: 'thing',
    stability: 'beta',
    configSchema: z.strictObject({ known: z.number().optional(), other: z.number().optional() }),
    create: ({ next }) => ({
      consume: async (runs, signal) => {
        await next.consume(runs, signal).catch(() => {});
        return allTaken;
      },
    }),
  });
  const breaches = await breachesOf(plugin as AnyPlugin, folder.path);
  expect(breaches).toEqual(
    expect.arrayContaining([
      'it does not say that its next stage has refused a run',
      'it does not say that its next stage has deferred a run',
      'it says that a run was taken on which its next stage has failed',
    ]),
  );
});
