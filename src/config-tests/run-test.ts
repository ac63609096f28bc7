import { type Configuration, readingOf } from '../config/configuration.ts';
import { messageOf } from '../errors.ts';
import { allTaken, type Run } from '../plugin/index.ts';
import { startDryRun } from '../service/dry-run.ts';
import { firstDifference } from './compare.ts';
import { inputsOf, type TestCase } from './test-file.ts';

/** The result of a test. */
export interface Outcome {
  /** The first difference from what is expected; undefined where there is none. */
  readonly difference: string | undefined;
  /** The messages of all components that skipped something. */
  readonly skipped: readonly string[];
}

/**
 * Takes the runs of a test through a new instance of a pipeline, without receivers, exporters and extensions, and compares
 * the runs that arrive with what is expected.
 */
export async function runTest(
  test: TestCase,
  configuration: Configuration,
  pipeline: string,
  stdout: NodeJS.WritableStream,
): Promise<Outcome> {
  const arrived: Run[] = [];
  const skipped: string[] = [];
  const { signal } = new AbortController();
  const pipelines = configuration.pipelines.filter(({ id }) => id === pipeline);
  if (pipelines.length === 0) return { difference: `the configuration has no pipeline \`${pipeline}\``, skipped };
  const [reading] = pipelines.map((one) => readingOf(configuration, one));
  const service = await startDryRun({ ...configuration, pipelines }, (runs) => arrived.push(...runs), {
    stdout,
    signal,
    onSkip: (_, { message }) => skipped.push(message),
  });
  try {
    for await (const { run, refusals } of inputsOf(test, reading ?? {})) {
      skipped.push(...refusals.map(({ message }) => message));
      const outcome = run && (await service.pipelines.get(pipeline)?.consume([run], signal));
      const { refused, cause } = outcome ?? allTaken;
      const [first] = refused;
      if (first || cause) return { difference: first?.message ?? messageOf(cause), skipped };
    }
  } catch (error) {
    return { difference: messageOf(error), skipped };
  } finally {
    await service.stop();
  }
  return { difference: firstDifference(test, arrived), skipped };
}
