import type { Attributes } from '@opentelemetry/api';
import { ValueType } from '@opentelemetry/api';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Labels, labelsFrom, metricName, runLabelsOf } from 'wattline/figures';
import { cpuUsage, figure, filledPower, hostPower, isSignal, Run, Series, samplesOf } from 'wattline/plugin';
import { type PointOptions, pointsOf } from 'wattline/prometheus';
import { expositionText } from './exposition.ts';
import { jsonLines } from './json-lines.ts';

/** What is sent of a run, made in the plainest way: a line of text for each figure, and one of JSON for each signal. */
function plainly(run: Run, { includeSamples, resourceLabels, extraLabels }: PointOptions) {
  const sent = { text: '', json: '', skipped: [] as string[] };
  const { attributes } = run.resource;
  const chosen = Object.fromEntries((resourceLabels as readonly string[]).map((name) => [name, attributes[name]]));
  const labelsOf = (own: Attributes): Labels => {
    return { ...extraLabels, ...labelsFrom({ ...chosen, ...runLabelsOf(run), ...own }) };
  };
  const finite = (name: string, points: readonly DataPoint<number>[]) =>
    points.filter(({ value }) => {
      if (!Number.isFinite(value)) sent.skipped.push(`${name} is ${value} and is not sent; it must be a finite number`);
      return Number.isFinite(value);
    });
  const milliseconds = ({ endTime: [seconds, nanoseconds] }: DataPoint<number>) =>
    seconds * 1000 + Math.round(nanoseconds / 1e6);
  // They come first, then the samples of the run itself, of which the missing ones are not a number.
  const given = run.metrics.flatMap(({ metrics }) => metrics).length;
  for (const [index, metric] of run.scopeMetrics.flatMap(({ metrics }) => metrics).entries()) {
    const name = metricName(metric);
    const points = metric.dataPoints as DataPoint<number>[];
    if (!isSignal(metric)) {
      for (const point of finite(name, points)) {
        const labels = Object.entries(labelsOf(point.attributes)).map(
          ([label, value]) => `${label}="${escaped(value)}"`,
        );
        const inBraces = labels.length ? `{${labels.join(',')}}` : '';
        sent.text += `${name}${inBraces} ${point.value} ${milliseconds(point)}\n`;
      }
    } else if (includeSamples) {
      const groups = new Map<string, DataPoint<number>[]>();
      const isOfRun = index >= given && index < given + run.samples.length;
      const known = isOfRun ? points.filter(({ value }) => !Number.isNaN(value)) : points;
      for (const point of known) {
        const key = JSON.stringify(Object.entries(labelsOf(point.attributes)).sort());
        groups.set(key, [...(groups.get(key) ?? []), point]);
      }
      for (const group of groups.values()) {
        const labels = labelsOf((group[0] as DataPoint<number>).attributes);
        const some = finite(name, group);
        if (some.length === 0) continue;
        const values = some.map(({ value }) => value).join();
        const times = some.map(milliseconds).join();
        sent.json += `{"metric":${JSON.stringify({ __name__: name, ...labels })},"values":[${values}],"timestamps":[${times}]}\n`;
      }
    }
  }
  return sent;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

const text = fc.string({ minLength: 1, maxLength: 10, unit: fc.constantFrom(...'ab"\\\n{},= é€😀') });
const name = fc.constantFrom('cost', 'co2.kg', 'x_total', 'hw.id', '9 lives');
const value = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -10_000, max: 1_000_000 }).map((digits) => digits / 1000) },
  { weight: 8, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0) },
);
const time = fc
  .tuple(fc.integer({ min: 0, max: 4_000_000_000 }), fc.integer({ min: 0, max: 999_999_999 }))
  .map(([seconds, nanoseconds]): [number, number] => [seconds, nanoseconds]);
const labels = fc.dictionary(fc.constantFrom('hw.id', 'method', 'scenario', 'a-b', 'le'), text, { maxKeys: 3 });
const whole = time.map(([seconds]): [number, number] => [seconds, 0]);
const series = fc
  .tuple(fc.oneof(whole, time), fc.constantFrom(5, 1, 0.1, 0.25, 1 / 3), fc.array(value, { maxLength: 20 }))
  .map(([start, step, values]) => Series.regular(start, step, Float64Array.from(values)));
const signalName = fc.constantFrom('hw.host.power', 'container.cpu.usage', 'gpu.power');
const signal = fc.constantFrom(hostPower, cpuUsage, filledPower);
const samples = fc.tuple(signal, series).map(([of, values]) => samplesOf(of, values));
const metric = fc
  .record({
    named: fc.oneof(name, signalName),
    points: fc.array(fc.record({ startTime: time, endTime: time, attributes: labels, value }), { maxLength: 4 }),
    sum: fc.boolean(),
  })
  .map(({ named, points, sum }): MetricData => {
    const descriptor = { name: named, unit: '', description: '', valueType: ValueType.DOUBLE };
    const common = { descriptor, aggregationTemporality: AggregationTemporality.CUMULATIVE, dataPoints: points };
    return sum
      ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
      : { ...common, dataPointType: DataPointType.GAUGE };
  });
const ownFigure = fc
  .record({ name, value, extra: fc.option(labels, { nil: undefined }) })
  .map(({ name: named, value: of, extra }) => figure({ name: named, unit: '', description: '' }, of, extra));
const run = fc
  .record({
    attributes: fc.dictionary(fc.constantFrom('scenario', 'region', 'encoder', 'run.resolution'), text),
    end: fc.double({ min: 0, max: 4e9, noNaN: true }),
    metrics: fc.array(metric, { maxLength: 4 }),
    own: fc.array(samples, { maxLength: 3 }),
    figures: fc.array(ownFigure, { maxLength: 4 }),
    twin: fc.option(series, { nil: undefined }),
  })
  .map(({ attributes, end, metrics, own, figures, twin }) => {
    const twins = twin ? [samplesOf(hostPower, twin), samplesOf(cpuUsage, twin)] : [];
    return Run.of(
      { ...attributes, 'run.end_time': end },
      { metrics: [{ scope: { name: 'test' }, metrics }], samples: [...own, ...twins], figures },
    );
  });

it('are the plain text and JSON of their runs, line by line', () => {
  const options = fc.record({
    includeSamples: fc.boolean(),
    resourceLabels: fc.constantFrom([], ['run.resolution', 'run.absent']),
    extraLabels: fc.constantFrom({}, { site: 'lab', region: 'elsewhere' }),
  });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 4 }), options, (runs, wanted) => {
      const sent = runs.map((one) => pointsOf(one, wanted));
      const plain = runs.map((one) => plainly(one, wanted));
      const figures = sent.flatMap((one) => one.figures);
      const samples = sent.flatMap((one) => one.samples);
      expect(expositionText(figures)).toBe(plain.map((one) => one.text).join(''));
      expect(jsonLines(samples)).toBe(plain.map((one) => one.json).join(''));
      expect(sent.flatMap((one) => one.skipped.map(({ message }) => message))).toEqual(
        plain.flatMap((one) => one.skipped),
      );
    }),
    { numRuns: 2000 },
  );
});
