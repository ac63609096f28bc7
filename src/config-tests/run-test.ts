import type { Configuration } from '../config/configuration.ts';
import { samplingOf } from '../config/sampling.ts';
import { messageOf } from '../errors.ts';
import type { Batch, Skipped } from '../plugin/index.ts';
import { createLogger } from '../service/logger.ts';
import { Service } from '../service/service.ts';
import { firstDifference } from './compare.ts';
import { inputsOf, type TestCase } from './test-file.ts';

/** What a test came to. */
export interface Outcome {
  /** The first thing that is not as expected; undefined where all is. */
  readonly difference: string | undefined;
  /** What yielded no data or no figure on the way. */
  readonly skipped: readonly string[];
}

/**
 * Takes the runs of a test through a pipeline of a configuration, anew and without its receivers, exporters and
 * extensions, and compares what arrives with what is expected.
 */
export async function runTest(
  test: TestCase,
  configuration: Configuration,
  pipeline: string,
  stdout: NodeJS.WritableStream,
): Promise<Outcome> {
  const arrived: Batch[] = [];
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
      sink: () => ({ consume: async (batch) => void arrived.push(batch) }),
      onSkip: (_, { message }: Skipped) => skipped.push(message),
    },
  );
  const head = service.pipelines.get(pipeline);
  if (!head) return { difference: `the configuration has no pipeline \`${pipeline}\``, skipped };
  await service.start(signal);
  try {
    for await (const { batch, refusals } of inputsOf(test, sampling)) {
      skipped.push(...refusals.map(({ message }) => message));
      if (batch) await head.consume(batch, signal);
    }
  } catch (error) {
    return { difference: messageOf(error), skipped };
  } finally {
    await service.stop();
  }
  return { difference: firstDifference(test, arrived), skipped };
}
