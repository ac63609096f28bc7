import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import type { AnyPlugin } from '../../src/plugin/contract.ts';
import { definePlugin, z } from '../../src/plugin/index.ts';
import { projectRoot } from '../kit/checkout.ts';
import { withFeatures, withRegions, withTables } from '../kit/readme-tables.ts';

const folders = globSync('plugins/*/*/index.ts', { cwd: projectRoot })
  .map((path) => path.replace('/index.ts', ''))
  .sort();
const pluginIn = async (folder: string): Promise<AnyPlugin> =>
  (await import(/* @vite-ignore */ `${projectRoot}/${folder}/index.ts`)).default;

/** To write them anew: `npm run docs`. */
describe('the tables of options, metrics and built-in numbers', () => {
  it.each(folders)('in %s/README.md are what its code makes', async (folder) => {
    const path = `${projectRoot}/${folder}/README.md`;
    const wanted = withRegions(withTables(readFileSync(path, 'utf8'), await pluginIn(folder)));
    await expect(wanted).toMatchFileSnapshot(path);
  });

  it('of features in README.md is what the code has', async () => {
    const path = `${projectRoot}/README.md`;
    const wanted = withFeatures(readFileSync(path, 'utf8'));
    expect(wanted).toContain('| `cpu_cores` | {cpu} |');
    await expect(wanted).toMatchFileSnapshot(path);
  });

  it.each([
    ['cost', 'price'],
    ['co2', 'intensity'],
  ])('of the processor %s have one of each built-in %s', (processor, quantity) => {
    const readme = readFileSync(`${projectRoot}/plugins/processors/${processor}/README.md`, 'utf8');
    expect(readme).toMatch(new RegExp(`^\\| region \\| ${quantity} \\| source \\| year \\| a table says \\|`, 'm'));
  });
});

it('the table of stages in README.md names every plugin, and leads to its README', () => {
  const text = readFileSync(`${projectRoot}/README.md`, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith('The pipeline\n')) ?? '';
  const rows = [...section.matchAll(/^\| (\w+) \[`(\w+)`\]\((.+?)\/README\.md\) \| .+ \|$/gm)];
  const named = rows.map(([, kind, type, folder]) => [folder, `plugins/${kind}s/${type?.replaceAll('_', '-')}`]);
  expect(named.sort()).toEqual(folders.map((folder) => [folder, folder]));
});

const condition = z.strictObject({
  name: z.string().describe('What is looked at'),
  get all() {
    return z.array(condition).optional().describe('More of them');
  },
});

const plugin = definePlugin({
  contract: 2,
  kind: 'processor',
  type: 'thing',
  stability: 'alpha',
  configSchema: z.strictObject({
    kind: z.enum(['a', 'b']).default('a').describe('Which kind'),
    every: z.string().prefault('5s').transform(Number).describe('How often'),
    mode: z.enum(['on', 'off']).optional().describe('Whether it is `on` or `off`'),
    queue: z.strictObject({ size: z.int().default(3).describe('How many | at most') }).prefault({}),
    tls: z
      .strictObject({ file: z.string().describe('Its file') })
      .optional()
      .describe('How it is kept'),
    must: z.strictObject({ have: z.string().describe('What it has') }),
    jobs: z
      .array(
        z.strictObject({
          name: z.string().describe('Its name'),
          days: z
            .array(z.enum(['mon']))
            .optional()
            .describe('When'),
        }),
      )
      .default([])
      .describe('What is done'),
    share: z
      .union([z.number(), z.strictObject({ of: z.number().describe('Of how many') })])
      .default(1)
      .describe('A part'),
    rates: z.record(z.string(), z.number().describe('What it is worth')).optional().describe('By currency'),
    places: z
      .record(z.string(), z.strictObject({ zone: z.string().optional().describe('Its zone') }))
      .optional()
      .describe('By name'),
    choices: z
      .array(
        z.discriminatedUnion('do', [
          z.strictObject({ do: z.literal('cut').describe('What is done'), at: z.string().describe('Where') }),
          z.strictObject({ do: z.literal('join').describe('What is done'), by: z.string().describe('With what') }),
        ]),
      )
      .optional()
      .describe('One or the other'),
    keep: z.array(condition).optional().describe('What is kept'),
    drop: z.array(condition).optional().describe('What is not'),
  }),
  emits: { thing_total: { unit: '{thing}', description: 'How many' } },
  create: ({ next }) => next,
});

const OPTIONS = `| key | default | meaning |
| --- | --- | --- |
| \`kind\` | \`a\` | Which kind; allowed are \`a\`, \`b\` |
| \`every\` | \`5s\` | How often |
| \`mode\` | – | Whether it is \`on\` or \`off\` |
| \`queue.size\` | \`3\` | How many \\| at most |
| \`tls\` | – | How it is kept |
| \`tls.file\` | required in \`tls\` | Its file |
| \`must.have\` | required | What it has |
| \`jobs\` | \`[]\` | What is done |
| \`jobs[].name\` | required | Its name |
| \`jobs[].days\` | – | When; allowed are \`mon\` |
| \`share\` | \`1\` | A part |
| \`share.of\` | required in \`share\` | Of how many |
| \`rates\` | – | By currency |
| \`rates.<name>\` | – | What it is worth |
| \`places\` | – | By name |
| \`places.<name>.zone\` | – | Its zone |
| \`choices\` | – | One or the other |
| \`choices[].do\` | required | What is done; allowed are \`cut\`, \`join\` |
| \`choices[].at\` | – | Where |
| \`choices[].by\` | – | With what |
| \`keep\` | – | What is kept |
| \`keep[].name\` | required | What is looked at |
| \`keep[].all\` | – | More of them; keys as in \`keep[]\` |
| \`drop\` | – | What is not; keys as in \`keep[]\` |`;

const METRICS = `| name | unit | meaning |
| --- | --- | --- |
| \`thing_total\` | {thing} | How many |`;

const readme = (options: string, metrics: string) => `# Thing

| key |
| --- |

## Configuration
${options}
Words about \`$&\`.

| another |
| --- |

## Metrics
${metrics}
Words.
`;

describe('a README', () => {
  const wanted = readme(`\n${OPTIONS}\n`, `\nFirst words.\n\n${METRICS}\n`);

  it('gets the tables in place of the first ones under their headings', () => {
    const old = readme('\n| key |\n|---|\n| `gone` |\n', '\nFirst words.\n\n| name |\n|---|\n');
    expect(withTables(old, plugin)).toBe(wanted);
    expect(withTables(wanted, plugin)).toBe(wanted);
  });

  it('gets them below the headings where it has none', () => {
    expect(withTables('# Thing\n\n## Configuration\n\n## Metrics\n\nWords.\n', plugin)).toBe(
      `# Thing\n\n## Configuration\n\n${OPTIONS}\n\n## Metrics\n\n${METRICS}\n\nWords.\n`,
    );
  });

  it('of a plugin without options and metrics stays as it is', () => {
    const bare = { ...plugin, configSchema: z.strictObject({}), emits: {} };
    expect(withTables(wanted, bare)).toBe(wanted);
  });
});
