import { createReadStream } from 'node:fs';
import { glob } from 'tinyglobby';
import {
  type AdviceKind,
  adviceKinds,
  type Findings,
  type SettingsWanted,
  type Silence,
  type ValuedRun,
  type ValueRuns,
} from '../advice/advice.ts';
import { advisers } from '../advice/advisers.ts';
import { numbered } from '../advice/changed-runs.ts';
import { addToKept, keep, readKept } from '../advice/kept-advice.ts';
import { realisedSaving } from '../advice/realised.ts';
import { settingsReport } from '../advice/settings/settings-report.ts';
import { soundRuns } from '../advice/sound-runs.ts';
import { valueProposals } from '../advice/value-proposals.ts';
import { type Configuration, type Pipeline, type ReadingSettings, readingOf } from '../config/configuration.ts';
import { type ConfigurationSource, loadConfiguration } from '../config/load.ts';
import { countOf } from '../count.ts';
import { messageOf, WattlineError } from '../errors.ts';
import { assumptionsOf } from '../figures/assumptions.ts';
import type { Run } from '../model/run.ts';
import { Secrets } from '../model/secrets.ts';
import { packagePath } from '../package.ts';
import { duration } from '../plugin/schema.ts';
import { readResults } from '../results/index.ts';
import { createLogger } from '../service/logger.ts';
import { valueByPipeline } from '../service/value-by-pipeline.ts';
import { type AdviceFormat, type AdviceReport, adviceText, realisedText } from './advice-report.ts';

export interface AdviseOptions extends Omit<ConfigurationSource, 'config'> {
  /** Results files or globs, relative to the working directory. */
  readonly results: readonly string[];
  /** Configurations that replace the package's own. */
  readonly config?: readonly string[] | undefined;
  /** The pipeline that values the runs, where there are several. */
  readonly pipeline?: string | undefined;
  /** The kinds of advice that are looked for; undefined is all. */
  readonly kind?: readonly AdviceKind[] | undefined;
  /** The regions that runs may be moved to. */
  readonly regions?: readonly string[] | undefined;
  /** The seconds from the start of a run in which it must have ended. */
  readonly deadline?: number | undefined;
  /** The seconds that a machine may be idle. */
  readonly idleLimit: number;
  readonly settings: SettingsWanted;
  readonly format: AdviceFormat;
  /** Whether it says why it gives no other advice. */
  readonly verbose: boolean;
  /** The largest saving of all advice together, in USD, that is no failure. */
  readonly failAboveUsd?: number | undefined;
  /** A file to which the advice is added, as accepted. */
  readonly keep?: string | undefined;
  /** The advice that is kept; undefined is all. */
  readonly id?: readonly string[] | undefined;
  /** A file of accepted advice with which the runs are compared, in place of looking for more. */
  readonly realised?: string | undefined;
  readonly stdout: NodeJS.WritableStream;
  readonly stopped: AbortSignal;
}

/**
 * Reads runs, looks for changes that would have saved something, and values them by a whole pipeline without its receivers and
 * exporters: prints what each would have saved. Throws `NOTHING_TO_READ` where there is no run, and `ADVICE_ABOVE_LIMIT` where
 * all of it together saves more than a limit, after the report.
 */
export async function advise(options: AdviseOptions): Promise<void> {
  const { stdout, stopped, secrets = new Secrets() } = options;
  const configuration = await loadConfiguration(options.config ?? [packagePath('config/advise.yaml')], {
    ...options,
    secrets,
  });
  const pipeline = pipelineOf(configuration, options.pipeline);
  const warnings = await createLogger('warn', { secrets });
  for (const warning of configuration.warnings) warnings.warn(warning);
  const { runs, unread } = await readRuns(options.results, readingOf(configuration, pipeline));
  const value = valueByPipeline(configuration, pipeline, { stdout, signal: stopped, secrets });
  const { sound, silences } = soundRuns(await value(numbered(runs)));
  const print = (text: string) => stdout.write(secrets.redact(text));
  if (options.realised !== undefined) {
    const kept = await readKept(options.realised);
    if (kept.length === 0) throw new WattlineError('NOTHING_TO_READ', `${options.realised} has no accepted advice`);
    print(
      realisedText(
        kept.map((one) => realisedSaving(one, sound)),
        options.format,
      ),
    );
    return;
  }
  const report = await reportOn(sound, silences, value, options);
  print(adviceText({ ...report, unread }, options));
  await keepAdvice(report, sound, options);
  const { failAboveUsd } = options;
  const saved = report.saved.usd?.value ?? 0;
  if (failAboveUsd === undefined || saved <= failAboveUsd) return;
  const message = `the advice would have saved ${Number(saved.toPrecision(6))} USD, more than ${failAboveUsd} USD`;
  throw new WattlineError('ADVICE_ABOVE_LIMIT', message);
}

/** Returns the seconds of a duration such as `6h`; undefined where the text is none, or of no time. */
export function readDuration(text: string): number | undefined {
  const milliseconds = duration().safeParse(text).data;
  return milliseconds ? milliseconds / 1000 : undefined;
}

function pipelineOf({ pipelines }: Configuration, wanted: string | undefined): Pipeline {
  const names = pipelines.map(({ id }) => id).join(', ');
  const found = wanted === undefined ? pipelines : pipelines.filter(({ id }) => id === wanted);
  const [only] = found;
  if (only && found.length === 1) return only;
  const message = wanted === undefined ? 'there are several pipelines' : `there is no pipeline ${wanted}`;
  throw new WattlineError('START_FAILED', `${message}; name the one that values the runs by --pipeline: ${names}`);
}

/** Reads the runs of all files in their order, and what of them is no run. */
async function readRuns(results: readonly string[], reading: ReadingSettings) {
  const patterns = results.length ? [...results] : ['test_results_*.json'];
  const paths = (await glob(patterns, { absolute: true, expandDirectories: false })).sort();
  if (paths.length === 0) throw new WattlineError('NOTHING_TO_READ', `no file is named ${patterns.join(' or ')}`);
  const runs: Run[] = [];
  const unread: string[] = [];
  for (const path of paths) {
    try {
      for await (const entries of readResults(createReadStream(path), reading)) {
        for (const { run, refusals } of entries) {
          if (run) runs.push(run);
          unread.push(...refusals.map(({ message }) => message));
        }
      }
    } catch (error) {
      throw new WattlineError('NOTHING_TO_READ', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }
  if (runs.length > 0) return { runs, unread };
  throw new WattlineError(
    'NOTHING_TO_READ',
    [`there is no run in ${paths.join(', ')}`, ...unread.slice(0, 1)].join(': '),
  );
}

async function reportOn(
  sound: readonly ValuedRun[],
  silences: readonly Silence[],
  value: ValueRuns,
  options: AdviseOptions,
): Promise<Omit<AdviceReport, 'unread'>> {
  const kinds = options.kind ?? adviceKinds;
  const findings: Findings[] = [];
  for (const kind of sound.length ? kinds : []) {
    findings.push(await advisers[kind](sound, { ...options, value }));
  }
  const proposals = findings.flatMap((one) => one.proposals);
  const valued = await valueProposals(
    sound.map(({ raw }) => raw),
    proposals,
    value,
  );
  const all = [...silences, ...findings.flatMap((one) => one.silences), ...valued.silences];
  const settings = kinds.includes('settings') ? settingsReport(sound, options.settings) : [];
  const assumed = sound.flatMap((one) => (one.valued ? assumptionsOf(one.valued.resource.attributes) : []));
  return { ...valued, silences: all, settings, assumed: [...new Set(assumed)], runs: sound.map(({ raw }) => raw) };
}

async function keepAdvice(report: Omit<AdviceReport, 'unread'>, sound: readonly ValuedRun[], options: AdviseOptions) {
  if (options.keep === undefined) return;
  const { id: wanted } = options;
  const missing = wanted?.filter((id) => !report.advice.some((one) => one.id === id)) ?? [];
  if (missing.length) {
    throw new WattlineError(
      'CANNOT_WRITE',
      `${countOf(missing.length, 'id')} of no advice above, so that nothing is kept: ${missing.join(', ')}`,
    );
  }
  const chosen = report.advice.filter(({ id }) => wanted?.includes(id) ?? true);
  const kept = chosen.flatMap((one) => keep(one, sound, new Date()) ?? []);
  if (kept.length < chosen.length) {
    const message =
      'nothing is kept, since later runs could not be compared: no run says when it was and how long it took';
    throw new WattlineError('CANNOT_WRITE', message);
  }
  await addToKept(options.keep, kept);
}
