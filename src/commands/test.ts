import { loadConfiguration } from '../config/load.ts';
import { runTest } from '../config-tests/run-test.ts';
import { readTestFile } from '../config-tests/test-file.ts';
import { countOf } from '../count.ts';
import { WattlineError } from '../errors.ts';

/** The maximum number of printed reasons why a failed test has no figure. */
const MOST_REASONS = 5;

/**
 * Runs the tests in test files, and prints the result of each with its first difference. Throws `TEST_FAILED` where a test
 * fails, and `ConfigurationError` where a file or its configuration has problems.
 */
export async function test(files: readonly string[], stdout: NodeJS.WritableStream): Promise<void> {
  let count = 0;
  let failed = 0;
  for (const file of files) {
    const { name, config, environment, pipeline, tests } = await readTestFile(file);
    const configuration = await loadConfiguration(config, { environment: {}, given: environment });
    stdout.write(`${name}\n`);
    for (const one of tests) {
      const { difference, skipped } = await runTest(one, configuration, pipeline, stdout);
      count++;
      if (difference !== undefined) failed++;
      stdout.write(difference === undefined ? `  ok    ${one.name}\n` : `  FAIL  ${one.name}\n        ${difference}\n`);
      if (difference === undefined) continue;
      for (const reason of reasonsFor(difference, skipped)) stdout.write(`        – ${reason}\n`);
    }
  }
  const tests = countOf(count, 'test');
  if (failed > 0) throw new WattlineError('TEST_FAILED', `${failed} of ${tests} failed`);
  stdout.write(`${tests} passed\n`);
}

/** Returns the messages about the run that a difference is about; the difference begins with its name. */
function reasonsFor(difference: string, skipped: readonly string[]): string[] {
  const run = difference.slice(0, difference.indexOf(': '));
  return [...new Set(skipped.filter((message) => message.includes(run)))].slice(0, MOST_REASONS);
}
