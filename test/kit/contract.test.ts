import { afterAll, beforeAll, expect, it } from 'vitest';
import { type AnyPlugin, definePlugin, z } from '../../src/plugin/index.ts';
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
        consume: async (batch, signal) => {
          Object.assign(batch.resource.attributes, { edited: true });
          await next.consume(batch, signal);
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
    expect.stringContaining('it does not hand "never" of its next stage back as it is, but TypeError'),
    expect.stringContaining('it does not hand "later" of its next stage back as it is, but TypeError'),
    expect.stringContaining('it fails on a run that may not be edited: TypeError'),
    expect.stringContaining('it fails on a run that may not be edited: TypeError'),
  ]);
});
