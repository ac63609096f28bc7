import { type Configuration, samplingOf } from '../config/configuration.ts';
import { messageOf } from '../errors.ts';
import { allTaken, type Run, type Skipped } from '../plugin/index.ts';
import { createLogger } from '../service/logger.ts';
import { Service } from '../service/service.ts';
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
  const [sampling] = pipelines.map((one) => samplingOf(configuration, one));
  const service = new Service(
    { ...configuration, extensions: [], pipelines },
    {
      logger: await createLogger('error'),
      stdout,
      once: true,
      withoutReceivers: true,
      sink: () => ({
        async consume(runs) {
          arrived.push(...runs);
          return allTaken;
        },
      }),
      onSkip: (_, { message }: Skipped) => skipped.push(message),
    },
  );
  const head = service.pipelines.get(pipeline);
  if (!head) return { difference: `the configuration has no pipeline \`${pipeline}\``, skipped };
  await service.start(signal);
  try {
    for await (const { run, refusals } of inputsOf(test, sampling)) {
      skipped.push(...refusals.map(({ message }) => message));
      const { refused, cause } = run ? await head.consume([run], signal) : allTaken;
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
