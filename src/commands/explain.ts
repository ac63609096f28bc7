import { createReadStream } from 'node:fs';
import { type ReadingSettings, readingOf } from '../config/configuration.ts';
import { type ConfigurationSource, loadConfiguration } from '../config/load.ts';
import { countOf } from '../count.ts';
import { messageOf, WattlineError } from '../errors.ts';
import { type FigurePoint, figuresOf } from '../figures/figures.ts';
import type { Line } from '../model/line.ts';
import type { Run } from '../model/run.ts';
import { Secrets } from '../model/secrets.ts';
import { packagePath } from '../package.ts';
import type { Outcome } from '../plugin/index.ts';
import { type ParsedRun, readResults } from '../results/index.ts';
import { startDryRun } from '../service/dry-run.ts';
import { silentLogger } from '../service/logger.ts';
import { plainUnit } from './quantities.ts';

export interface ExplainOptions extends Omit<ConfigurationSource, 'config'> {
  /** The path of a results file. */
  readonly results: string;
  /** The scenario to explain; undefined explains all. */
  readonly scenario?: string | undefined;
  /** Configurations that replace the package's own. */
  readonly config?: readonly string[] | undefined;
  readonly stdout: NodeJS.WritableStream;
  readonly stopped: AbortSignal;
}

/** The way of one run through a pipeline. */
interface Account {
  readonly lines: Line[];
  readonly skipped: string[];
  /** Why the pipeline has not taken the run. */
  failure: string | undefined;
  result: Run | undefined;
}

/**
 * Takes the runs of a results file through the pipelines of a configuration, without its receivers and exporters, and
 * prints the arithmetic of each figure: one line a step, in full precision. Throws `NOTHING_TO_READ` where there is no such
 * file, run or scenario, and `NOT_EXPLAINED` where a pipeline has failed on a run, after the others.
 */
export async function explain(options: ExplainOptions): Promise<void> {
  const { results, scenario, stdout, stopped, secrets = new Secrets() } = options;
  const configuration = await loadConfiguration(options.config ?? [packagePath('config/explain.yaml')], {
    ...options,
    secrets,
  });
  let account: Account = emptyAccount();
  const arrived = ([run]: readonly Run[]) => {
    account.result = run;
  };
  const service = await startDryRun(configuration, arrived, {
    stdout,
    signal: stopped,
    secrets,
    // What fails is printed with its run.
    logger: silentLogger(),
    explain(lines) {
      for (const line of lines) account.lines.push(line);
    },
    // What a provider leaves out is said where another factor stands in.
    onSkip: (kind, { message }) => kind !== 'provider' && account.skipped.push(message),
  });
  let found = 0;
  let failed = 0;
  /** What of the file is no run. */
  const unread: string[] = [];
  try {
    const readings = Map.groupBy(configuration.pipelines, (one) => JSON.stringify(readingOf(configuration, one)));
    for (const [reading, pipelines] of readings) {
      for await (const { run, refusals } of entriesOf(results, JSON.parse(reading))) {
        if (stopped.aborted) return;
        const refused = refusals.map(({ message }) => message);
        if (!run) {
          unread.push(...refused);
          continue;
        }
        const name = run.scenario ?? '';
        for (const { id } of pipelines) {
          account = { ...emptyAccount(), skipped: [...refused] };
          const outcome = await service.pipelines.get(id)?.consume([run], stopped);
          if (stopped.aborted) return;
          account.failure = outcome && failureOf(outcome);
          if (scenario !== undefined && scenario !== name) continue;
          if (account.failure !== undefined) failed++;
          const title = service.pipelines.size > 1 ? `${name} (${id})` : name;
          stdout.write(`${found++ > 0 ? '\n' : ''}${title}\n${secrets.redact(format(account))}`);
        }
      }
    }
  } finally {
    await service.stop();
  }
  const remarks = [...new Set(unread)].map(remark).join('');
  if (found > 0 && remarks !== '') stdout.write(`\nnot read\n${secrets.redact(remarks)}`);
  if (failed > 0) {
    throw new WattlineError('NOT_EXPLAINED', `a pipeline failed on ${failed} of ${countOf(found, 'run')}`);
  }
  if (found > 0) return;
  const what = scenario === undefined ? 'no run' : `no run named \`${scenario}\``;
  throw new WattlineError('NOTHING_TO_READ', [`there is ${what} in ${results}`, ...unread.slice(0, 1)].join(': '));
}

/** Yields the runs of a file in its order, with what is refused of them, and what is refused whole. */
async function* entriesOf(path: string, reading: ReadingSettings): AsyncGenerator<ParsedRun> {
  try {
    for await (const runs of readResults(createReadStream(path), reading)) yield* runs;
  } catch (error) {
    throw new WattlineError('NOTHING_TO_READ', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function emptyAccount(): Account {
  return { lines: [], skipped: [], failure: undefined, result: undefined };
}

/** Returns why a pipeline has not taken a run, in one line; undefined where it has. */
function failureOf({ refused, deferred, cause }: Outcome): string | undefined {
  const [first] = refused;
  if (!first && deferred.length === 0) return undefined;
  const message = first?.message ?? (cause ? messageOf(cause) : 'it was not taken');
  return `${message.trim().replace(/\s+/g, ' ')} [NOT_EXPLAINED]`;
}

function format({ lines, skipped, failure, result }: Account): string {
  const remarks = failure === undefined ? skipped : [...skipped, failure];
  return [...explained(lines), ...unexplained(result, lines), ...remarks.map(remark)].join('');
}

function remark(message: string): string {
  return `  – ${message}\n`;
}

/** Formats the lines, without those that repeat the line before of their name. */
function explained(lines: readonly Line[]): string[] {
  const latest = new Map<string, string>();
  return lines.flatMap((line) => {
    const text = formatLine(line);
    if (latest.get(line.name) === text) return [];
    latest.set(line.name, text);
    return [text];
  });
}

function formatLine({ name, expression, value, unit, note }: Line): string {
  const amount = unit === '1' ? `${value}` : `${value} ${plainUnit(unit)}`;
  const arithmetic = expression === undefined ? `${name} = ${amount}` : `${name} = ${expression} = ${amount}`;
  const remarks = note?.split('\n').map((remark) => `      # ${remark}\n`) ?? [];
  return `  ${arithmetic}\n${remarks.join('')}`;
}

/** Formats the figures of stages that do not state their arithmetic. */
function unexplained(run: Run | undefined, lines: readonly Line[]): string[] {
  return (run ? figuresOf(run) : []).flatMap(({ name: full, unit, value }: FigurePoint) => {
    // Where a run has a figure several times, the text after the name distinguishes them.
    const [name] = full.split(' (', 1) as [string];
    if (lines.some((line) => line.name.startsWith(name) && Object.is(line.value, value))) return [];
    return [formatLine({ name, value, unit, note: 'its processor does not say how' })];
  });
}
