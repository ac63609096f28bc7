import { readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parse } from 'yaml';
import {
  type AnyPlugin,
  type Batch,
  cpuUsage,
  hostPower,
  type Lifecycle,
  makeRun,
  type Processor,
  type Provider,
  RejectedError,
  Series,
  signalGauge,
} from '../../src/plugin/index.ts';
import { createTestContext, deepFreeze, type TestContextOptions } from './context.ts';
import { memoryStorage } from './memory-storage.ts';
import { onLoopback, PluginFolder, valueAt, withUnknownKey } from './plugin-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

const STABILITIES = ['development', 'alpha', 'beta', 'stable'];
const HEADINGS = ['Configuration', 'Metrics', 'Skipped', 'Example', 'Limits'];
const DEADLINE = 5000;

/** What is checked: a plugin, and the folder with its README, sample and tests. */
export interface Subject {
  readonly plugin: AnyPlugin;
  readonly folder: string;
}

/** A rule of the contract, and what a plugin breaks of it, in words; nothing where it keeps it. */
export interface Rule {
  readonly name: string;
  breaches(subject: Subject): Promise<string[]>;
}

/** The rules that every plugin keeps. */
export const contract: readonly Rule[] = [
  {
    name: 'declares a kind, a type and a stability',
    breaches: async ({ plugin: { type, stability } }) => [
      ...(/^[a-z][a-z0-9_]*$/.test(type) ? [] : [`its type \`${type}\` is no word in lower_snake_case`]),
      ...(STABILITIES.includes(stability) ? [] : [`its stability is none of ${STABILITIES.join(', ')}`]),
    ],
  },
  {
    name: 'has a README, a sample and tests',
    breaches: async (subject) => folderOf(subject).missing.map((file) => `it has no ${file}`),
  },
  { name: 'refuses unknown keys everywhere in its configuration', breaches: takenUnknownKeys },
  { name: 'describes every option, in the schema, the README and the sample', breaches: undescribedOptions },
  { name: 'has a sample that is valid as it is, and with what is commented out', breaches: invalidSamples },
  { name: 'has a README in the fixed order, with every metric that it adds', breaches: readmeFlaws },
  { name: 'does no I/O when it is created', breaches: openedByCreate },
  { name: 'can be shut down without a start, and twice after one', breaches: shutdownFlaws },
  { name: 'hands errors of its next stage back as they are, and edits no batch', breaches: processorFlaws },
];

/** Everything that a plugin breaks of the contract, in words; empty where it keeps it. */
export async function breachesOf(plugin: AnyPlugin, folder: string): Promise<string[]> {
  const found = await Promise.all(contract.map((rule) => rule.breaches({ plugin, folder })));
  return found.flat();
}

const folderOf = ({ plugin, folder }: Subject) => new PluginFolder(plugin, folder);

async function takenUnknownKeys(subject: Subject): Promise<string[]> {
  const folder = folderOf(subject);
  const { configSchema } = subject.plugin;
  const config = folder.section(folder.samples[0]);
  const problem = configSchema.safeParse(config).error;
  if (problem) return [`its sample is refused: ${problem.message}`];
  return folder.objects.flatMap((path) => {
    const issues = configSchema.safeParse(withUnknownKey(config, path)).error?.issues;
    const isRefused = issues?.some(({ code }) => code === 'unrecognized_keys');
    return isRefused ? [] : [`it takes an unknown key in ${path || 'its section'}; use z.strictObject`];
  });
}

async function undescribedOptions(subject: Subject): Promise<string[]> {
  const folder = folderOf(subject);
  const rows = folder.tableUnder('Configuration').map(([key]) => key);
  const sample = folder.section(folder.samples[1]);
  return folder.options.flatMap(({ path, description, isFixed }) => [
    ...(description ? [] : [`the option \`${path}\` has no description`]),
    ...(rows.includes(`\`${path}\``)
      ? []
      : [`the option \`${path}\` is not in the README's table of the configuration`]),
    ...(isFixed && valueAt(sample, path) === undefined ? [`the option \`${path}\` is not in the sample`] : []),
  ]);
}

async function invalidSamples(subject: Subject): Promise<string[]> {
  const folder = folderOf(subject);
  const { type, configSchema } = subject.plugin;
  return folder.samples.flatMap((text) => {
    const keys = Object.keys(parse(text) ?? {});
    if (keys.length !== 1 || keys[0] !== type)
      return [`its sample must be a section \`${type}\`, not ${keys.join(', ')}`];
    const problem = configSchema.safeParse(folder.section(text)).error;
    return problem ? [`its sample is refused: ${problem.message}`] : [];
  });
}

async function readmeFlaws(subject: Subject): Promise<string[]> {
  const folder = folderOf(subject);
  const { headings } = folder;
  const wanted = HEADINGS.filter((heading) => heading !== 'Skipped' || headings.includes(heading));
  const found = headings.filter((heading) => HEADINGS.includes(heading));
  const order = `the README must have the headings ${wanted.join(', ')}, and has ${found.join(', ')}`;
  const rows = folder.tableUnder('Metrics').map(([name, unit]) => `${name} ${unit}`);
  const metrics = Object.entries(subject.plugin.emits ?? {}).flatMap(([name, { unit, description }]) => [
    ...(rows.includes(`\`${name}\` ${unit}`) ? [] : [`the metric \`${name}\` in ${unit} is not in the README's table`]),
    ...(description === '' ? [`the metric \`${name}\` has no description`] : []),
  ]);
  return [...(found.join() === wanted.join() ? [] : [order]), ...metrics];
}

/** What a stage under the contract is created with: the whole sample, on loopback, and what it refers to. */
export async function createSampled(
  subject: Subject,
  directory: string,
  options: TestContextOptions = {},
  { settings = {}, url }: { readonly settings?: object; readonly url?: string } = {},
): Promise<() => Lifecycle> {
  const { plugin } = subject;
  const folder = folderOf(subject);
  const sample = { ...folder.section(folder.samples[1]), ...settings };
  const storages = new Proxy({}, { get: (_, name) => (typeof name === 'string' ? memoryStorage() : undefined) });
  const providers = { electricity_maps: knowingNothing('intensity'), spot_market: knowingNothing('price') };
  const { ctx } = createTestContext({ directory, storages, providers, ...options });
  const config = plugin.configSchema.parse(await onLoopback(sample, url));
  return () => plugin.create(ctx as never, config) as Lifecycle;
}

const knowingNothing = (quantity: Provider['quantity']): Provider => ({ quantity, factors: async () => [] });

async function openedByCreate(subject: Subject): Promise<string[]> {
  return inFolder(async (directory) => {
    const create = await createSampled(subject, directory);
    await nextTurn();
    const before = process.getActiveResourcesInfo().sort().join();
    create();
    const after = process.getActiveResourcesInfo().sort().join();
    const opened =
      before === after ? [] : [`create opens something: ${after || 'nothing'} after ${before || 'nothing'}`];
    const files = readdirSync(directory).map((name) => `create makes the file ${name}`);
    return [...opened, ...files];
  });
}

async function shutdownFlaws(subject: Subject): Promise<string[]> {
  return inFolder(async (directory) => {
    const deadline = AbortSignal.timeout(DEADLINE);
    const create = await createSampled(subject, directory);
    try {
      await create().shutdown?.(deadline);
      const stage = create();
      await stage.start?.(deadline);
      await stage.shutdown?.(deadline);
      await stage.shutdown?.(deadline);
    } catch (error) {
      return [`it cannot be started and shut down: ${error}`];
    }
    return deadline.aborted ? [`it takes longer than ${DEADLINE} ms to start and shut down`] : [];
  });
}

async function processorFlaws(subject: Subject): Promise<string[]> {
  if (subject.plugin.kind !== 'processor') return [];
  return inFolder(async (directory) => {
    const flaws: string[] = [];
    const consume = async (batch: Batch, next?: TestContextOptions['next']): Promise<unknown> => {
      const stage = (await createSampled(subject, directory, next ? { next } : {}))() as Processor;
      const taken = async () => stage.consume(batch, AbortSignal.timeout(DEADLINE));
      return taken().catch((error: unknown) => error);
    };
    for (const error of [new RejectedError('never'), new Error('later')]) {
      let wasAsked = false;
      const handed = await consume(measuredRun(), () => {
        wasAsked = true;
        return Promise.reject(error);
      });
      // A run may also be dropped.
      const isAsItIs = handed === error || (handed === undefined && !wasAsked);
      if (!isAsItIs) flaws.push(`it does not hand "${error.message}" of its next stage back as it is, but ${handed}`);
    }
    for (const batch of [measuredRun(), makeFrozen({ scenario: 'bare' }, [])]) {
      const error = await consume(batch);
      if (error && !(error instanceof RejectedError)) flaws.push(`it fails on a run that may not be edited: ${error}`);
    }
    return flaws;
  });
}

function measuredRun(): Batch {
  const series = Series.regular([1766947958, 125121355], 5, Float64Array.of(10, 20, 30));
  const times = { 'run.start_time': 1766947958, 'run.end_time': 1766947968 };
  const who = { scenario: '2 streams', region: 'us-east-1', ...times };
  return makeFrozen(who, [signalGauge(hostPower, series), signalGauge(cpuUsage, series)]);
}

/** A run that throws where it is edited. */
function makeFrozen(attributes: Parameters<typeof makeRun>[0], metrics: Parameters<typeof makeRun>[2]): Batch {
  const batch = makeRun(attributes, 'test', metrics);
  // The SDK's resource keeps its attributes once they have been asked for.
  void batch.resource.attributes;
  return deepFreeze(batch);
}

async function inFolder<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await temporaryFolder();
  try {
    return await use(folder.path);
  } finally {
    await folder.remove();
  }
}
