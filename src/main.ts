import { on } from 'node:events';
import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { type AdviseFlags, describeAdvise } from './advice/command-line.ts';
import type { InitOptions } from './commands/init.ts';
import type { PluginTemplate } from './commands/new.ts';
import { describeEvaluate, describePredict, describeTrain } from './commands/prediction-command-lines.ts';
import type { PrintConfigOptions } from './commands/print-config.ts';
import type { RegionsOptions } from './commands/regions.ts';
import { frameProblems } from './config/frame.ts';
import type { ConfigurationSource } from './config/load.ts';
import { ConfigurationError, isFault, messageOf, WattlineError } from './errors.ts';
import { clouds, datasets, renamedDatasets } from './factors/regions.ts';
import { collect, describeMeasure } from './measure/command-line.ts';
import { catchSignals } from './measure/interruption.ts';
import { Secrets } from './model/secrets.ts';
import { packageVersion } from './package.ts';

const description = 'Turns workload measurements into energy, cost and CO2 metrics.';

/** Milliseconds that messages wait at the end for somebody to read them. */
const PATIENCE = 1000;

/** Runs the command line of this process, prints errors to standard error, and exits. */
export async function main(): Promise<void> {
  // A reader that closes the pipe, such as `head`, ends the process.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  // A message that nobody can be told, as on a full disk, is no reason to end.
  process.stderr.on('error', () => {});
  const secrets = new Secrets();
  try {
    await carryOut(secrets);
  } catch (error) {
    report(error, secrets);
    process.exitCode = 1;
  }
  const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  await Promise.all([flushed(process.stdout), Promise.race([flushed(process.stderr), patience])]);
  process.exit();
}

/** Carries the command out; `secrets` gets to know what no message of it may contain. */
async function carryOut(secrets: Secrets): Promise<void> {
  const { env: environment, stdin, stdout, stderr } = process;
  const program = new Command('wattline')
    .description(description)
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .showHelpAfterError('(wattline --help lists the commands)')
    .enablePositionalOptions();
  configured(program.command('run'))
    .description('run a pipeline until SIGINT or SIGTERM; SIGHUP reloads its configuration')
    .option('--once', 'read all present data, deliver it, and exit; exit status 1 if anything was not delivered', false)
    .addOption(
      new Option('--watch-config', 'reload the configuration when its files change, as SIGHUP does')
        .default(false)
        .conflicts('once'),
    )
    .action(async (options: Source & { once: boolean; watchConfig: boolean }) => {
      // Signals that arrive while the modules are loaded must not get lost.
      const stopped = stopSignal();
      const hangUps = options.once ? undefined : on(process, 'SIGHUP', { signal: stopped });
      const { run } = await import('./commands/run.ts');
      const terminal = stderr.isTTY ? stderr : undefined;
      await run({ ...options, environment, secrets, stdout, terminal, stopped, ...(hangUps && { hangUps }) });
    });
  configured(
    program.command('check').argument('[results...]', 'results files or globs (default: test_results_*.json)'),
    'a configuration, used without its exporters (default: config/check.yaml of the package)',
  )
    .description('read runs once, and compare their cost and CO2 with limits; exit status 1 if one is exceeded')
    .option('--max-usd <usd>', 'the maximum cost of all runs together, in USD', limit)
    .option('--max-co2 <kg>', 'the maximum emissions of all runs together, in kg CO2e', limit)
    .action(async (results: string[], options: Partial<Source> & { maxUsd?: number; maxCo2?: number }) => {
      const { check } = await import('./commands/check.ts');
      await check({ ...options, results, environment, secrets, stdout, stopped: stopSignal() });
    });
  describeAdvise(
    configured(
      program.command('advise').argument('[results...]', 'results files or globs (default: test_results_*.json)'),
      'a configuration, used for its processors (default: config/advise.yaml of the package)',
    ),
  ).action(async (results: string[], flags: Partial<Source> & AdviseFlags, command: Command) => {
    const { advise, readDuration } = await import('./commands/advise.ts');
    const [deadline, idleLimit] = [flags.deadline, flags.idleLimit].map((text) => text && readDuration(text));
    const broken = idleLimit === undefined ? '--idle-limit' : flags.deadline && !deadline ? '--deadline' : undefined;
    if (broken) command.error(`error: ${broken} must be a duration such as 6h or 15m`);
    const format = (['json', 'markdown', 'prometheus'] as const).find((name) => flags[name]) ?? 'text';
    const times = { deadline: deadline as number | undefined, idleLimit: idleLimit as number };
    const { vmaf, vmafTolerance: tolerance, joulesPerBit, views } = flags;
    const settings = { vmaf, tolerance, joulesPerBit, views };
    if (vmaf !== undefined && vmaf > 100) command.error('error: --vmaf must be a score from 0 to 100');
    if (views !== undefined && joulesPerBit === undefined) {
      command.error('error: --views needs --joules-per-bit, the energy that delivers a bit to a viewer');
    }
    await advise({
      ...flags,
      ...times,
      settings,
      format,
      results,
      environment,
      secrets,
      stdout,
      stopped: stopSignal(),
    });
  });
  configured(program.command('resend'))
    .description('send again what a server has rejected after it had been acknowledged; exit status 1 if some is left')
    .option('--exporter <id>', 'only the runs of this exporter')
    .action(async (options: Source & { exporter?: string }) => {
      const { resend } = await import('./commands/resend.ts');
      await resend({ ...options, environment, stdout, stopped: stopSignal() });
    });
  configured(program.command('validate'))
    .description('check a configuration without starting anything; exit status 1 if it has problems')
    .option('--json', 'print problems and warnings as JSON', false)
    .action(async (options: Source & { json: boolean }) => {
      const { validate } = await import('./commands/validate.ts');
      process.exitCode = (await validate({ ...options, environment, secrets, stdout, stderr })) ? 0 : 1;
    });
  configured(
    program
      .command('explain')
      .argument('<results>', 'a results file')
      .option('--scenario <name>', 'explain only runs of this name'),
    'a configuration, used for its processors (default: config/explain.yaml of the package)',
  )
    .description('print how the figures of the runs in a results file are calculated, line by line')
    .action(async (results: string, options: Partial<Source> & { scenario?: string }) => {
      const { explain } = await import('./commands/explain.ts');
      await explain({ ...options, results, environment, secrets, stdout, stopped: stopSignal() });
    });
  program
    .command('test')
    .description('run unit tests of configurations; exit status 1 if one fails')
    .argument('<files...>', 'files of tests')
    .action(async (files: string[]) => {
      const { test } = await import('./commands/test.ts');
      await test(files, stdout);
    });
  program
    .command('new')
    .description('write the folder of a new plugin, with tests that pass')
    .addArgument(new Argument('<kind>', 'the kind of plugin').choices(['receiver', 'processor', 'exporter']))
    .argument('<name>', 'its name, such as my-thing')
    .action(async (kind: PluginTemplate, name: string) => {
      const { newPlugin } = await import('./commands/new.ts');
      await newPlugin(kind, name, stdout);
    });
  program
    .command('init')
    .description('write a commented configuration to start from')
    .addOption(
      new Option('--for <purpose>', 'measured runs, or streams of running machines')
        .choices(['runs', 'streams'])
        .default('runs'),
    )
    .option('--receiver <type>', 'the source of measurements', 'file')
    .option('--exporter <type>', 'the destination of figures', 'prometheus')
    .option('--output <file>', 'the file to write', 'wattline.yaml')
    .action(async (options: Omit<InitOptions, 'stdout'>) => {
      const { init } = await import('./commands/init.ts');
      await init({ ...options, stdout });
    });
  configured(program.command('print-config'))
    .description('print the effective configuration: merged, expanded, with defaults, secrets replaced')
    .addOption(
      new Option('--mode <mode>', 'whether secrets are replaced')
        .choices(['redacted', 'unredacted'])
        .default('redacted'),
    )
    .addOption(new Option('--format <format>', 'the output format').choices(['yaml', 'json']).default('yaml'))
    .action(async (options: Omit<PrintConfigOptions, 'environment' | 'secrets'>) => {
      const { printConfig } = await import('./commands/print-config.ts');
      stdout.write(await printConfig({ ...options, environment, secrets }));
    });
  program
    .command('schema')
    .description('print the JSON Schema of configurations, for completion and checks in editors')
    .action(async () => {
      const { schema } = await import('./commands/schema.ts');
      stdout.write(await schema());
    });
  program
    .command('components')
    .description('list the bundled plugins: their stability, and the metrics that they read and add, with units')
    .option('--json', 'print them as JSON', false)
    .action(async (options: { json: boolean }) => {
      const { components } = await import('./commands/components.ts');
      stdout.write(await components(options));
    });
  program
    .command('regions')
    .description('list the known regions: price and carbon intensity of electricity, with source and year')
    .addOption(new Option('--sort <order>', 'the sort order').choices(['name', 'price', 'intensity']).default('name'))
    .addOption(new Option('--cloud <cloud>', 'only the regions of this cloud').choices(clouds))
    .addOption(datasetOption())
    .option('--json', 'print whole records as JSON')
    .action(async (options: RegionsOptions, command: Command) => {
      if (options.sort === 'intensity' && options.dataset === 'builtin') {
        const remedy = 'leave --dataset out, or give electricity_maps or ember';
        command.error(`error: --sort intensity ranks one data set, and builtin has numbers of several; ${remedy}`);
      }
      const { regions } = await import('./commands/regions.ts');
      stdout.write(regions(options));
    });
  program
    .command('top')
    .description('show the stages of a running Wattline, their rates, queues and errors, live; q quits')
    .option('--url <url>', 'the URL of its extension `status`', 'http://localhost:9514/status')
    .option('--interval <duration>', 'the time between two updates', '1s')
    .option('--once', 'print the status once, as without a terminal', false)
    .addHelpText(
      'after',
      '\nThe environment variable WATTLINE_TOKEN gives the bearer token, where the endpoint needs one.',
    )
    .action(async (options: { url: string; interval: string; once: boolean }, command: Command) => {
      const { readInterval, top } = await import('./commands/top.ts');
      const interval = readInterval(options.interval);
      if (interval === undefined) command.error('error: --interval must be a duration such as 2s or 500ms');
      await top({ ...options, interval, token: environment.WATTLINE_TOKEN, stdin, stdout, stopped: stopSignal() });
    });
  describeMeasure(program.command('measure')).action(async (command: string[], options: unknown) => {
    const { measure } = await import('./commands/measure.ts');
    process.exitCode = await measure(command, options, process);
  });
  describeTrain(program.command('train')).action(async (results: string[], options: unknown) => {
    const { train } = await import('./commands/train.ts');
    await train(results, options, stdout);
  });
  configured(
    describePredict(program.command('predict')),
    'a configuration, used for its processors (default: config/predict.yaml of the package)',
  ).action(async (results: string[], options: Partial<Source>) => {
    const { predict } = await import('./commands/predict.ts');
    const { config, set } = options;
    await predict(results, options, { config, set, environment, secrets, stdout, stopped: stopSignal() });
  });
  describeEvaluate(program.command('evaluate')).action(async (model: string, results: string[], options: unknown) => {
    const { evaluate } = await import('./commands/evaluate.ts');
    await evaluate(model, results, options, stdout);
  });
  for (const command of program.commands) {
    command.showHelpAfterError(`(wattline ${command.name()} --help lists the options)`);
  }
  await program.parseAsync();
}

type Source = Omit<ConfigurationSource, 'environment' | 'secrets'>;

/** Adds the options that name a configuration; with a text for its default, it may be left out. */
function configured(command: Command, withDefault?: string): Command {
  const config = new Option(
    '--config <file>',
    withDefault ?? 'a configuration file; several are merged, later ones win',
  );
  return command
    .addOption(config.argParser(collect).makeOptionMandatory(withDefault === undefined))
    .option('--set <key=value>', 'a value merged after all files, as in exporters.debug.summary=true', collect);
}

/** The choice of a dataset, by its name or, with a warning, by what it was called before. */
function datasetOption(): Option {
  const meaning = 'where intensities come from (default: builtin, and with --sort intensity electricity_maps)';
  const option = new Option('--dataset <dataset>', meaning).choices(datasets);
  // `choices` has set it.
  const choose = option.parseArg as NonNullable<Option['parseArg']>;
  return option.argParser<string>((value, before) => {
    const name = Object.hasOwn(renamedDatasets, value) ? renamedDatasets[value] : undefined;
    if (name !== undefined) console.error(`warning: --dataset: \`${value}\` is deprecated; write \`${name}\``);
    return choose(name ?? value, before);
  });
}

function limit(value: string): number {
  const number = Number(value);
  if (value.trim() === '' || !(number >= 0)) throw new InvalidArgumentError('It must be a number of 0 or more.');
  return number;
}

/** Returns a signal that aborts on the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopSignal(): AbortSignal {
  return catchSignals(['SIGINT', 'SIGTERM'], (name) => process.exit(name === 'SIGINT' ? 130 : 143)).stop;
}

/** Resolves when everything written so far has left the process, so that a slow reader of a pipe gets all of it. */
function flushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

function report(error: unknown, secrets: Secrets): void {
  const print = (text: string) => console.error(secrets.redact(text));
  if (error instanceof ConfigurationError) {
    for (const warning of error.warnings) print(`warning: ${warning}`);
    const { stderr } = process;
    print(stderr.isTTY ? frameProblems(error.problems, stderr) : error.message);
    console.error(`${error.count} found`);
  } else if (error instanceof WattlineError) print(`${error.message} [${error.code}]`);
  else print((isFault(error) && error instanceof Error ? error.stack : undefined) ?? messageOf(error));
}
