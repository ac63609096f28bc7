import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import { z } from 'zod';
import { checkValues } from '../config/check-values.ts';
import type { ReadingSettings } from '../config/configuration.ts';
import { isNothing } from '../config/located.ts';
import { parseYaml } from '../config/parse-yaml.ts';
import { ConfigurationError, messageOf, type Problem } from '../errors.ts';
import { toHrTime } from '../model/hr-time.ts';
import { Run } from '../model/run.ts';
import { type ParsedRun, parseRun, readResults } from '../results/index.ts';

const attribute = z.union([z.string(), z.number(), z.boolean()]);

const expectedValue = z.union([
  z.number(),
  z.strictObject({
    value: z.number(),
    tolerance: z.number().min(0).optional().describe('How far it may differ, as a fraction of the value'),
  }),
]);

const expectedRun = z.strictObject({
  run: z.string().min(1).describe('The scenario of the run'),
  figures: z.record(z.string(), expectedValue).default({}).describe('Its figures by name'),
  without: z.array(z.string()).default([]).describe('Names of figures that it must not have'),
  labels: z.record(z.string(), z.string()).default({}).describe('Labels that its figures must have'),
});

const metric = z.strictObject({
  resource: z.record(z.string(), attribute).default({}).describe('Attributes of what sends it, such as host.name'),
  name: z.string().min(1).describe('Such as hw.host.energy'),
  type: z.enum(['gauge', 'counter']),
  attributes: z.record(z.string(), attribute).default({}).describe('Attributes of its points, such as hw.id'),
  points: z
    .array(z.tuple([z.number().min(0), z.number()]))
    .min(1)
    .describe('Seconds since 1970, and the value then'),
});

const testCase = z
  .strictObject({
    name: z.string().min(1).describe('What is expected, in words'),
    runs: z.array(z.record(z.string(), z.unknown())).default([]).describe('Runs as they stand in a results file'),
    results: z.string().min(1).optional().describe('A results file, relative to this one'),
    metrics: z.array(metric).default([]).describe('Metrics of a stream, each sent by itself after the runs'),
    tolerance: z.number().min(0).default(1e-9).describe('How far figures may differ, as a fraction of their value'),
    expect: z.array(expectedRun).default([]).describe('What must arrive at the exporters'),
    dropped: z.array(z.string()).default([]).describe('Scenarios of runs that must not arrive'),
  })
  .refine(({ expect, dropped }) => expect.length + dropped.length > 0, {
    error: 'expected something in `expect` or `dropped`: a test without either cannot fail',
  });

const schema = z.strictObject({
  config: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('The configuration, or several that are merged, relative to this file'),
  environment: z.record(z.string(), z.coerce.string()).default({}).describe('The environment, and no other'),
  pipeline: z.string().default('metrics').describe('The pipeline that the runs go through'),
  tests: z.array(testCase).min(1),
});

/** A test of a configuration. */
export type TestCase = z.output<typeof testCase>;
export type ExpectedRun = z.output<typeof expectedRun>;
type StreamedMetric = z.output<typeof metric>;

/** Reads a file of tests and makes its paths absolute. Throws `ConfigurationError` with every problem in it. */
export async function readTestFile(path: string) {
  const name = relative('.', path) || path;
  const problems: Problem[] = [];
  const at = { file: name, line: 1, column: 1 };
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const remedy = 'give the path of a YAML file with tests';
    problems.push({ code: 'CONFIG_UNREADABLE', at, path: '', message: `cannot be read: ${messageOf(error)}`, remedy });
    return '';
  });
  const root = parseYaml(text, name, problems);
  if (!problems.length && isNothing(root)) {
    const remedy = 'write `config` and `tests`';
    problems.push({ code: 'CONFIG_EMPTY', at, path: '', message: 'the file contains no tests', remedy });
  }
  const file = root && !problems.length ? checkValues(schema, root, [], problems) : undefined;
  if (!file || problems.length) throw new ConfigurationError(problems);
  const folder = dirname(resolve(path));
  const tests = file.tests.map((test) => (test.results ? { ...test, results: resolve(folder, test.results) } : test));
  return { ...file, name, config: [file.config].flat().map((config) => resolve(folder, config)), tests };
}

/** Yields the input of a test: the runs of its results file, its own runs, and its metrics, read as the receivers do. */
export async function* inputsOf(
  { results, runs, metrics }: TestCase,
  reading: ReadingSettings,
): AsyncGenerator<ParsedRun> {
  if (results !== undefined) for await (const read of readResults(createReadStream(results), reading)) yield* read;
  for (const run of runs) yield parseRun(run, reading);
  for (const metric of metrics) yield { run: streamed(metric), refusals: [] };
}

function streamed({ resource, name, type, attributes, points }: StreamedMetric): Run {
  const [first] = points;
  const dataPoints = points.map(([time, value]) => ({
    startTime: toHrTime((type === 'counter' ? first?.[0] : undefined) ?? time),
    endTime: toHrTime(time),
    attributes,
    value,
  }));
  const descriptor = { name, unit: '', description: '', valueType: ValueType.DOUBLE };
  const common = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE, dataPoints };
  const metric: MetricData =
    type === 'counter'
      ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
      : { ...common, dataPointType: DataPointType.GAUGE };
  return Run.of(resource, { metrics: [{ scope: { name: 'wattline/test' }, metrics: [metric] }] });
}
