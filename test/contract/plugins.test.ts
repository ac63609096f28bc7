import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import {
  type AnyPlugin,
  type Batch,
  cpuUsage,
  type FactorPeriod,
  hostPower,
  type Lifecycle,
  makeRun,
  type Place,
  type Processor,
  type Provider,
  RejectedError,
  Series,
  signalGauge,
} from '../../src/plugin/index.ts';
import { createTestContext, deepFreeze, type TestContextOptions } from '../kit/context.ts';
import { freePort } from '../kit/free-port.ts';
import { memoryStorage } from '../kit/memory-storage.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';

const plugins = fileURLToPath(new URL('../../plugins', import.meta.url));
const foldersIn = (path: string) => readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
const folders = foldersIn(plugins).flatMap((kind) =>
  foldersIn(join(plugins, kind.name)).map((type) => [kind.name, type.name] as const),
);

/** An option of a configuration: its path, such as `sending_queue.queue_size`, and what it is for. */
interface Option {
  readonly path: string;
  readonly description: string | undefined;
}

interface ObjectSchema {
  readonly description?: string;
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, ObjectSchema>>;
}

function jsonSchemaOf(plugin: AnyPlugin): ObjectSchema {
  return z.toJSONSchema(plugin.configSchema, { io: 'input', unrepresentable: 'any' }) as ObjectSchema;
}

function optionsOf(schema: ObjectSchema, prefix = ''): Option[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => {
    const path = `${prefix}${key}`;
    return inner.properties ? optionsOf(inner, `${path}.`) : [{ path, description: inner.description }];
  });
}

/** The paths of all objects in a schema, the outermost being ''. */
function objectsOf(schema: ObjectSchema, path = ''): string[] {
  const inner = Object.entries(schema.properties ?? {}).filter(([, { properties }]) => properties);
  return [path, ...inner.flatMap(([key, value]) => objectsOf(value, path === '' ? key : `${path}.${key}`))];
}

/** A sample with its commented-out settings in force; other comments are dropped. */
function uncommented(sample: string): string {
  return sample
    .split('\n')
    .map((line) => line.replace(/^(\s*)# ?(\s*[a-z][a-z0-9_]*:(?: .*)?)$/, '$1$2'))
    .filter((line) => !/^\s*#/.test(line))
    .join('\n');
}

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** A copy of a configuration with one more key in the object at `path`. */
function withUnknownKey(config: object, path: string): object {
  const copy = structuredClone(config) as Record<string, unknown>;
  let target = copy;
  for (const key of path === '' ? [] : path.split('.')) {
    target[key] = { ...(target[key] as object | undefined) };
    target = target[key] as Record<string, unknown>;
  }
  target.no_such_option = 1;
  return copy;
}

/**
 * A configuration whose addresses are free ones on loopback, without the certificates and tokens that a sample only names;
 * what it calls is at `url`, or away.
 */
async function onLoopback(config: Record<string, unknown>, url?: string): Promise<Record<string, unknown>> {
  const { tls: _, auth: __, ...rest } = config;
  const entries = Object.entries(rest).map(async ([key, value]) => {
    if (typeof value !== 'string') return [key, value];
    if (/^https?:/.test(value)) return [key, url ?? `http://127.0.0.1:${await freePort()}`];
    return [key, /^[\w.[\]:]*:\d+$/.test(value) ? '127.0.0.1:0' : value];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The rows of the table under a heading, as lists of cells. */
function tableUnder(readme: string, heading: string): string[][] {
  const section = readme.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function measuredRun(): Batch {
  const series = Series.regular([1766947958, 125121355], 5, Float64Array.of(10, 20, 30));
  const attributes = {
    scenario: '2 streams',
    region: 'us-east-1',
    'run.start_time': 1766947958,
    'run.end_time': 1766947968,
  };
  return frozen(makeRun(attributes, 'test', [signalGauge(hostPower, series), signalGauge(cpuUsage, series)]));
}

function bareRun(): Batch {
  return frozen(makeRun({ scenario: 'bare' }, 'test', []));
}

const knowingNothing = (quantity: Provider['quantity']): Provider => ({ quantity, factors: async () => [] });

/** A batch that throws where it is edited. */
function frozen(batch: Batch): Batch {
  // The SDK's resource keeps its attributes once they have been asked for.
  expect(batch.resource.attributes).toBeTypeOf('object');
  return deepFreeze(batch);
}

it('finds the plugins', () => {
  expect(folders.length).toBeGreaterThan(5);
});

describe.each(folders)('plugins/%s/%s', (kinds, folder) => {
  const path = join(plugins, kinds, folder);
  const read = (name: string) => readFileSync(join(path, name), 'utf8');
  let plugin: AnyPlugin;
  let schema: ObjectSchema;
  let directory: Awaited<ReturnType<typeof temporaryFolder>>;

  beforeAll(async () => {
    plugin = (await import(/* @vite-ignore */ join(path, 'index.ts'))).default;
    schema = jsonSchemaOf(plugin);
    directory = await temporaryFolder();
  });
  afterAll(() => directory.remove());

  const sampleConfig = (text: string) => (parse(text)?.[plugin.type] ?? {}) as Record<string, unknown>;
  const writtenConfig = () => sampleConfig(read('sample.yaml'));
  // What samples refer to.
  const storages = { file_storage: memoryStorage() };
  const providers = { electricity_maps: knowingNothing('intensity'), spot_market: knowingNothing('price') };
  async function createStage(options?: TestContextOptions, settings: object = {}, url?: string) {
    const { ctx } = createTestContext({ directory: directory.path, storages, providers, ...options });
    const sample = { ...sampleConfig(uncommented(read('sample.yaml'))), ...settings };
    const config = plugin.configSchema.parse(await onLoopback(sample, url));
    return { create: () => plugin.create(ctx as never, config) as Lifecycle };
  }

  it('is the kind and the type that its path says', () => {
    expect(`${plugin.kind}s`).toBe(kinds);
    expect(plugin.type).toBe(folder.replaceAll('-', '_'));
    expect(['development', 'alpha', 'beta', 'stable']).toContain(plugin.stability);
  });

  it('has a README, a sample and tests', () => {
    for (const name of ['index.ts', 'README.md', 'sample.yaml']) expect(existsSync(join(path, name)), name).toBe(true);
    expect(readdirSync(path, { recursive: true }).some((name) => String(name).endsWith('.test.ts'))).toBe(true);
  });

  it('refuses unknown keys everywhere in its configuration', () => {
    expect(plugin.configSchema.safeParse(writtenConfig()).error).toBeUndefined();
    for (const object of objectsOf(schema)) {
      const problems = plugin.configSchema.safeParse(withUnknownKey(writtenConfig(), object)).error?.issues;
      expect(
        problems?.map(({ code }) => code),
        object,
      ).toContain('unrecognized_keys');
    }
  });

  it('describes every option, in the schema, the README and the sample', () => {
    const options = optionsOf(schema);
    const rows = tableUnder(read('README.md'), 'Configuration').map(([key]) => key);
    const sample = sampleConfig(uncommented(read('sample.yaml')));
    expect({
      undescribed: options.filter(({ description }) => !description).map((option) => option.path),
      notInReadme: options.filter((option) => !rows.includes(`\`${option.path}\``)).map((option) => option.path),
      notInSample: options.filter((option) => at(sample, option.path) === undefined).map((option) => option.path),
    }).toEqual({ undescribed: [], notInReadme: [], notInSample: [] });
  });

  it('has a sample that is valid as it is, and with what is commented out', () => {
    for (const text of [read('sample.yaml'), uncommented(read('sample.yaml'))]) {
      expect(Object.keys(parse(text))).toEqual([plugin.type]);
      expect(plugin.configSchema.safeParse(sampleConfig(text)).error?.issues).toBeUndefined();
    }
  });

  it('has a README in the fixed order, with every metric that it adds', () => {
    const readme = read('README.md');
    const known = ['Configuration', 'Metrics', 'Skipped', 'Example', 'Limits'];
    const headings = [...readme.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading as string);
    expect(headings.filter((heading) => known.includes(heading))).toEqual(
      known.filter((heading) => heading !== 'Skipped' || headings.includes(heading)),
    );
    const rows = tableUnder(readme, 'Metrics').map(([name, unit]) => `${name} ${unit}`);
    for (const [name, { unit, description }] of Object.entries(plugin.emits ?? {})) {
      expect(rows).toContain(`\`${name}\` ${unit}`);
      expect(description).not.toBe('');
    }
  });

  it('does no I/O when it is created', async () => {
    const { create } = await createStage();
    await nextTurn();
    const before = process.getActiveResourcesInfo().sort();
    create();
    expect(process.getActiveResourcesInfo().sort()).toEqual(before);
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('can be shut down without a start, and twice after one', async () => {
    const deadline = AbortSignal.timeout(5000);
    const { create } = await createStage();
    await create().shutdown?.(deadline);
    const stage = create();
    await stage.start?.(deadline);
    await stage.shutdown?.(deadline);
    await stage.shutdown?.(deadline);
    expect(deadline.aborted).toBe(false);
  });

  if (kinds === 'processors') {
    it('hands errors of its next stage back as they are, and edits no batch', async () => {
      for (const error of [new RejectedError('never'), new Error('later')]) {
        const { create } = await createStage({ next: () => Promise.reject(error) });
        await expect((create() as Processor).consume(measuredRun(), AbortSignal.timeout(5000))).rejects.toBe(error);
      }
      const { create } = await createStage();
      const stage = create() as Processor;
      const edits: unknown[] = [];
      for (const batch of [measuredRun(), bareRun()]) {
        await stage.consume(batch, AbortSignal.timeout(5000)).catch((error) => {
          if (!(error instanceof RejectedError)) edits.push(error);
        });
      }
      expect(edits).toEqual([]);
    });
  }

  if (kinds === 'providers') {
    const places: Place[] = [
      { region: 'us-west-1', country: 'USA', zone: 'US-CAL-CISO' },
      { region: 'eu-west-2', country: 'GBR', zone: 'GB' },
      { region: 'nowhere' },
    ];

    /** What it knows of now and of last week, for each place. */
    async function ask(provider: Provider): Promise<(readonly FactorPeriod[])[]> {
      const now = Date.now() / 1000;
      const never = new AbortController().signal;
      await provider.start?.(never);
      try {
        const ends = [now, now - 7 * 86_400];
        return await Promise.all(
          places.flatMap((place) => ends.map((end) => provider.factors(place, end - 60, end, never))),
        );
      } finally {
        await provider.shutdown?.(never);
      }
    }

    it('says what it knows, and nothing for runs that have been given up', async () => {
      const { create } = await createStage();
      const provider = create() as Provider;
      expect(['price', 'intensity']).toContain(provider.quantity);
      if (provider.quantity === 'intensity') expect(['location', 'market', 'marginal']).toContain(provider.method);
      const given = provider.factors(places[0] as Place, 0, 1, AbortSignal.abort(new Error('given up')));
      await expect(given).rejects.toThrow('given up');
    });

    it('knows nothing where its service is away or does not answer, and waits no longer than its timeout', async () => {
      const nothing = places.flatMap(() => [[], []]);
      const { create } = await createStage();
      expect(await ask(create() as Provider)).toEqual(nothing);
      const silent = createServer().listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      try {
        const { create: createOther } = await createStage({}, { timeout: '50ms' }, url);
        expect(await ask(createOther() as Provider)).toEqual(nothing);
      } finally {
        silent.close();
      }
    });
  }
});
