import { expect, it } from 'vitest';
import { serviceSchema } from '../../src/config/check-service.ts';
import advice from '../../src/config/foreign-components.json' with { type: 'json' };
import { adviceOn } from '../../src/config/foreign-components.ts';
import { Loader } from '../../src/loader.ts';
import type { AnyPlugin } from '../../src/plugin/contract.ts';
import { kinds } from '../../src/plugin/kind.ts';
import type { ForeignKey } from '../../src/plugin/schema.ts';
import { projectRoot } from '../kit/checkout.ts';
import { foreignKeysOf } from '../kit/foreign-keys.ts';
import { optionsOf } from '../kit/options.ts';

const loader = new Loader();
const plugins = (await Promise.all(kinds.map((kind) => loader.plugins(kind)))).flat();
const wordsOf = ({ type, aliases = [] }: AnyPlugin) => [type, ...aliases];
const groups = Object.entries(advice).flatMap(([kind, all]) => all.map((group) => ({ kind, ...group })));

/** The Collector's words for what it and Wattline both have. */
const COUNTERPARTS: Readonly<Record<string, readonly string[]>> = {
  receiver: ['otlp', 'prometheus', 'prometheusremotewrite'],
  processor: ['attributes', 'resource', 'resourcedetection', 'filter', 'memory_limiter', 'batch'],
  exporter: ['otlp', 'otlphttp', 'prometheus', 'prometheusremotewrite', 'debug'],
  extension: ['health_check', 'file_storage', 'basicauth', 'bearertokenauth'],
};

it('no two plugins of a kind have the same word, and each is found by its own', async () => {
  for (const kind of kinds) {
    const words = plugins.filter((plugin) => plugin.kind === kind).flatMap(wordsOf);
    expect(new Set(words).size).toBe(words.length);
  }
  for (const plugin of plugins) {
    for (const word of wordsOf(plugin)) expect(await loader.find(plugin.kind, word)).toBe(plugin);
  }
});

it('no advice is given on what Wattline has, and none twice', () => {
  for (const plugin of plugins) for (const word of wordsOf(plugin)) expect(adviceOn(plugin.kind, word)).toBe(undefined);
  for (const kind of Object.keys(advice)) {
    const types = groups.filter((group) => group.kind === kind).flatMap((group) => group.types);
    expect(types.filter((type, index) => types.indexOf(type) !== index)).toEqual([]);
  }
});

it('advice is given by newer names too, and names only what there is', () => {
  expect(adviceOn('receiver', 'file_log')).toBe(adviceOn('receiver', 'filelog'));
  expect(adviceOn('processor', 'no_such')).toBe(undefined);
  expect(adviceOn('toString', 'constructor')).toBe(undefined);
  const named = groups.flatMap(({ instead }) => [
    ...instead.matchAll(/(receiver|processor|exporter|extension) `(\w+)`/g),
  ]);
  expect(named.length).toBeGreaterThan(10);
  for (const [text, kind, type] of named) {
    const isThere = plugins.some((plugin) => plugin.kind === kind && wordsOf(plugin).includes(type as string));
    expect(isThere, text).toBe(true);
  }
});

it('a key of the Collector has a sentence, and is none of its section’s own', () => {
  for (const { configSchema } of plugins) {
    const own = optionsOf(configSchema).map(({ path }) => path);
    for (const [path, { ignored, refused }] of foreignKeysOf(configSchema)) {
      expect([ignored, refused].filter(Boolean)).toHaveLength(1);
      expect(own).not.toContain(path);
    }
  }
});

/** To write it anew: `npm run docs`. */
it('config/collector.md has them all', async () => {
  await expect(page()).toMatchFileSnapshot(`${projectRoot}/config/collector.md`);
});

function page(): string {
  const sections = plugins.flatMap((plugin) => {
    const rows = keyRows(foreignKeysOf(plugin.configSchema));
    return rows.length ? [`### ${title(plugin)}\n\n${KEYS}\n${rows.join('\n')}`] : [];
  });
  const service = `### \`service\`\n\n${KEYS}\n${keyRows(foreignKeysOf(serviceSchema)).join('\n')}`;
  return `# Configurations of OpenTelemetry Collectors

A configuration of a Collector can be pasted as it is. \`wattline validate\` then says, all at once and each with its place, what to change:

- A component that has a counterpart here works under its name, the older and the newer one; its id stays as it is written.
- A key of it that would change nothing here is taken, and \`validate\` and the log say that it has no effect.
- Anything else of the Collector's is refused, with what to use in its place.
- Wattline takes metrics only: pipelines of traces, logs and profiles are refused, and so are connectors.

What is left of a gateway passes metrics on and makes no figures. For these, add the processors below, and name them last in the pipeline, in this order:

\`\`\`yaml
processors:
  live:
  energy:
  cost: { region: eu-north-1, usd_per_core_hour: 0.50 }
  co2: { region: eu-north-1 }
  totals: { labels: [host.name] }
service:
  pipelines:
    metrics:
      receivers: [otlp]
      processors: [memory_limiter, live, energy, cost, co2, totals]
      exporters: [prometheus]
\`\`\`

## Components that work

| the Collector's | here |
| --- | --- |
${counterpartRows().join('\n')}

## Components that are refused

${Object.keys(advice).map(refusedTable).join('\n\n')}

## Keys of the components that work

${[...sections, service].join('\n\n')}
`;
}

const KEYS = '| key | what becomes of it |\n| --- | --- |';

function counterpartRows(): string[] {
  return Object.entries(COUNTERPARTS).flatMap(([kind, types]) =>
    types.flatMap((type) => {
      const plugin = plugins.find((one) => one.kind === kind && wordsOf(one).includes(type));
      if (!plugin) return [];
      const also = wordsOf(plugin).filter((word) => word !== type && !types.includes(word));
      const folder = `../plugins/${kind}s/${plugin.type.replaceAll('_', '-')}/README.md`;
      return `| ${kind} ${[type, ...also].map((word) => `\`${word}\``).join(', ')} | [\`${plugin.type}\`](${folder}) |`;
    }),
  );
}

function refusedTable(kind: string): string {
  const rows = groups
    .filter((group) => group.kind === kind)
    .map(({ types, instead }) => {
      return `| ${[...types]
        .sort()
        .map((type) => `\`${type}\``)
        .join(' ')} | ${instead} |`;
    });
  return `| ${kind} | what to do |\n| --- | --- |\n${rows.join('\n')}`;
}

function title({ kind, type }: AnyPlugin): string {
  return `${kind} \`${type}\``;
}

function keyRows(keys: ReadonlyMap<string, ForeignKey>): string[] {
  return [...keys].map(([path, { ignored, refused }]) => {
    return `| \`${path}\` | ${ignored === undefined ? `refused: ${refused}` : `no effect: ${ignored}`} |`;
  });
}
