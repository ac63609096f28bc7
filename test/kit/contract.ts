import { readdirSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { parse } from 'yaml';
import type { AnyPlugin, Lifecycle, Provider } from '../../src/plugin/contract.ts';
import {
  cpuUsage,
  hostPower,
  type Outcome,
  type Processor,
  Run,
  refuseAll,
  type Samples,
  Series,
  samplesOf,
} from '../../src/plugin/index.ts';
import { formatModelFile } from '../../src/prediction/index.ts';
import { createTestContext, deepFreeze, type TestContextOptions } from './context.ts';
import { memoryStorage } from './memory-storage.ts';
import { onLoopback, PluginFolder, valueAt, withUnknownKey } from './plugin-folder.ts';
import { temporaryFolder } from './temporary-folder.ts';

const STABILITIES = ['development', 'alpha', 'beta', 'stable'];
const HEADINGS = ['Configuration', 'Metrics', 'Skipped', 'Example', 'Limits'];
const DEADLINE = 5000;
/** The files that samples name and that must be there at the start. */
const SAMPLE_FILES = {
  tokens: 'a-long-random-token\n',
  htpasswd: `reader:{SHA}${'A'.repeat(27)}=\n`,
  'model.json': formatModelFile({
    feature: 'streams',
    groupBy: ['host.name', 'encoder'],
    targets: {},
    files: 1,
    trainedAt: '2026-11-30T12:00:00.000Z',
    wattlineVersion: '1.0.0',
  }),
};

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
  { name: 'says what its next stage has refused or deferred, and edits no run', breaches: processorFlaws },
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
  const authenticators = { bearertokenauth: { clientAuth: () => ['authorization', 'Bearer a'] as const } };
  const providers = { electricity_maps: knowingNothing('intensity'), spot_market: knowingNothing('price') };
  const { ctx } = createTestContext({ directory, storages, providers, authenticators, ...options });
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
    const made = readdirSync(directory).filter((name) => !Object.hasOwn(SAMPLE_FILES, name));
    const files = made.map((name) => `create makes the file ${name}`);
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
    const consume = async (run: Run, next?: TestContextOptions['next']): Promise<unknown> => {
      const stage = (await createSampled(subject, directory, next ? { next } : {}))() as Processor;
      return stage.consume([run], AbortSignal.timeout(DEADLINE)).catch((error: unknown) => error);
    };
    const run = measuredRun();
    for (const reason of ['refused', 'deferred'] as const) {
      let wasAsked = false;
      const handed = await consume(run, async (given) => {
        wasAsked = true;
        const cause = new Error('later');
        return reason === 'refused' ? refuseAll(given, 'never', 'never') : { refused: [], deferred: given, cause };
      });
      // A run may also be dropped.
      const { refused = [], deferred = [] } = handed as Partial<Outcome>;
      const isHandedBack = reason === 'refused' ? refused[0]?.run === run : deferred[0] === run;
      if (!isHandedBack && wasAsked) flaws.push(`it does not say that its next stage has ${reason} a run`);
    }
    const fault = new Error('broken');
    let hasFailed = false;
    const thrown = await consume(run, async () => {
      hasFailed = true;
      throw fault;
    });
    const isPassedOn = thrown === fault || (thrown as Partial<Outcome>).deferred?.includes(run);
    if (thrown instanceof Error && thrown !== fault) {
      flaws.push(`it does not hand "${fault.message}" of its next stage back as it is, but ${thrown}`);
    } else if (hasFailed && !isPassedOn) flaws.push('it says that a run was taken on which its next stage has failed');
    for (const frozen of [run, makeFrozen({ scenario: 'bare' }, [])]) {
      const outcome = await consume(frozen);
      const { cause = outcome } = outcome as Partial<Outcome>;
      if (cause instanceof Error) flaws.push(`it fails on a run that may not be edited: ${cause}`);
    }
    return flaws;
  });
}

function measuredRun(): Run {
  const series = Series.regular([1766947958, 125121355], 5, Float64Array.of(10, 20, 30));
  const times = { 'run.start_time': 1766947958, 'run.end_time': 1766947968 };
  const who = { scenario: '2 streams', region: 'us-east-1', ...times };
  return makeFrozen(who, [samplesOf(hostPower, series), samplesOf(cpuUsage, series)]);
}

/** A run that throws where it is edited. */
function makeFrozen(attributes: Parameters<typeof Run.of>[0], samples: readonly Samples[]): Run {
  return deepFreeze(Run.of(attributes, { samples }));
}

async function inFolder<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await temporaryFolder(SAMPLE_FILES);
  try {
    return await use(folder.path);
  } finally {
    await folder.remove();
  }
}
