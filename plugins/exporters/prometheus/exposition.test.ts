import type { Attributes, HrTime } from '@opentelemetry/api';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { emptyResource } from '@opentelemetry/resources';
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { labelsFrom, metricName, runLabelsOf } from 'wattline/figures';
import { Run } from 'wattline/plugin';
import { exposedName, seriesNames } from './exposition-text.ts';
import { LatestPoints } from './latest-points.ts';
import { ownTextWriter } from './own-text.ts';

const { GAUGE, SUM, HISTOGRAM } = DataPointType;

const character = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...'aZ09 ._:-"\\\n\r\t{},=#', '\0', 'é', '日', '😀', '\ud83d', '\u2028') },
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.string({ unit: character, maxLength: 6 });
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 5, 0.1, 1e21, 1e-7, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
);
const label = fc.oneof(fc.constantFrom('a', 'a.b', 'a_b', 'scenario', 'region', 'le', '1', ''), text);
const attributeValue = fc.oneof(text, number, fc.boolean(), fc.array(text, { maxLength: 2 }), fc.constant(undefined));
const attributes = fc.dictionary(label, attributeValue, { maxKeys: 4 }) as fc.Arbitrary<Attributes>;
const time: fc.Arbitrary<HrTime> = fc.tuple(
  fc.oneof(fc.constantFrom(0, 1), fc.nat(4e9)),
  fc.oneof(fc.constantFrom(0, 499_999, 500_000, 999_499_999, 999_500_000), fc.nat(999_999_999)),
);
const histogram = fc.record({
  buckets: fc.array(fc.oneof(number, fc.integer()), { maxLength: 4 }).chain((boundaries) =>
    fc.record({
      boundaries: fc.constant(boundaries),
      counts: fc.array(fc.nat(), { minLength: boundaries.length, maxLength: boundaries.length + 2 }),
    }),
  ),
  count: fc.nat(),
  sum: fc.option(number, { nil: undefined }),
});

/** The types of families: each with names of its own, since two of one name are refused. */
const types = {
  gauge: { names: ['g', 'g.é', 'gauge', 'hw.host.power.limit', '1g'], dataPointType: GAUGE, isMonotonic: undefined },
  level: { names: ['l', 'l-l'], dataPointType: SUM, isMonotonic: false },
  counter: { names: ['c', '.', 'c.total', 'c  c', '0c_total'], dataPointType: SUM, isMonotonic: true },
  histogram: { names: ['h', 'h/h'], dataPointType: HISTOGRAM, isMonotonic: undefined },
};

const metric = fc.constantFrom(...Object.values(types)).chain(({ names, dataPointType, isMonotonic }) =>
  fc.record({
    descriptor: fc.record({
      name: fc.constantFrom(...names),
      description: fc.oneof(fc.constant(''), text),
      unit: fc.oneof(fc.constant(''), text),
    }),
    dataPointType: fc.constant(dataPointType),
    isMonotonic: fc.constant(isMonotonic),
    aggregationTemporality: fc.constant(AggregationTemporality.CUMULATIVE),
    dataPoints: pointsOf(dataPointType === HISTOGRAM ? histogram : number),
  }),
) as unknown as fc.Arbitrary<MetricData>;

/** Whether a metric has a name that an instrument can have. */
const hasWord = ({ descriptor }: MetricData) => /\w/.test(descriptor.name);

/** Points of which some share their attributes, as those of a run do. */
function pointsOf(value: fc.Arbitrary<unknown>) {
  return fc.array(attributes, { minLength: 1, maxLength: 3 }).chain((choice) =>
    fc.array(fc.record({ startTime: time, endTime: time, attributes: fc.constantFrom(...choice), value }), {
      maxLength: 4,
    }),
  );
}

const run = fc
  .tuple(attributes, fc.array(metric, { maxLength: 4 }))
  .map(([resource, metrics]) =>
    Run.of({ ...resource, 'run.id': 'one' }, { metrics: [{ scope: { name: 'test' }, metrics }] }),
  );

/** What the SDK makes of metrics whose points have labels for attributes and whole milliseconds for times. */
function sdkText(metrics: readonly MetricData[], withTimes: boolean): string {
  const serializer = new PrometheusSerializer(undefined, withTimes, undefined, true, true);
  const whole = metrics.map((one) => {
    const dataPoints = (one.dataPoints as DataPoint<unknown>[]).map((point) => {
      const [seconds, nanoseconds] = point.endTime;
      const milliseconds = seconds * 1000 + Math.round(nanoseconds / 1e6);
      return { ...point, endTime: [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1e6] };
    });
    return { ...one, dataPoints } as MetricData;
  });
  const text = serializer.serialize({
    resource: emptyResource(),
    scopeMetrics: [{ scope: { name: 'test' }, metrics: whole }],
  });
  return text === '# no registered metrics' ? '' : text;
}

/** The latest points in the plainest way: by family and labels, in the order in which they first came. */
function latestOf(runs: readonly Run[], resourceLabels: readonly string[]): MetricData[] {
  const families = new Map<string, { metric: MetricData; points: Map<string, DataPoint<unknown>> }>();
  for (const run of runs) {
    const chosen = Object.fromEntries(resourceLabels.map((name) => [name, run.resource.attributes[name]]));
    const labelsOfRun = { ...chosen, ...runLabelsOf(run) };
    for (const one of run.scopeMetrics.flatMap(({ metrics }) => metrics)) {
      // One without points says nothing, nor does what it is called.
      if (one.dataPoints.length === 0) continue;
      const name = metricName(one);
      const family = families.get(name) ?? { metric: one, points: new Map() };
      families.set(name, family);
      for (const point of one.dataPoints as DataPoint<unknown>[]) {
        const behind = Object.entries(labelsOfRun).filter(([key]) => point.attributes[key] === undefined);
        const attributes = { ...point.attributes, ...Object.fromEntries(behind) };
        const labels = labelsFrom(attributes, one.dataPointType === HISTOGRAM ? 'le' : undefined);
        const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
        const known = family.points.get(key)?.endTime;
        const [seconds, nanoseconds] = point.endTime;
        if (known && (known[0] > seconds || (known[0] === seconds && known[1] > nanoseconds))) continue;
        family.points.set(key, { ...point, attributes: labels });
      }
    }
  }
  return [...families].flatMap(([name, { metric: one, points }]) =>
    points.size === 0
      ? []
      : [{ ...one, descriptor: { ...one.descriptor, name }, dataPoints: [...points.values()] } as MetricData],
  );
}

it('the text of the latest points is that of the SDK, byte for byte, whatever comes and however often it is asked', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(run, { maxLength: 3 }), { maxLength: 4 }),
      fc.boolean(),
      fc.constantFrom([], ['a.b', 'x']),
      async (rounds, withTimes, resourceLabels) => {
        const points = new LatestPoints({
          ...{ resourceLabels, withTimes, includeSamples: false, expiration: 0 },
          ...{ seriesLimit: 1e6, labelValueLengthLimit: 1000 },
          skip: ({ message }) => expect.fail(message),
        });
        const all: Run[] = [];
        for (const runs of rounds) {
          for (const one of runs) points.add(one, 0);
          all.push(...runs);
          const pieces = await points.pieces(0);
          const expected = sdkText(latestOf(all, resourceLabels), withTimes);
          expect(Buffer.concat(pieces.map(({ text }) => text)).toString()).toBe(Buffer.from(expected).toString());
        }
      },
    ),
    { numRuns: 1000 },
  ));

it("the series of Wattline's own metrics, written by the SDK, have the names that are kept free for them", () =>
  fc.assert(
    fc.asyncProperty(fc.array(metric.filter(hasWord), { maxLength: 6 }), async (metrics) => {
      const reserved = metrics.flatMap((one) => seriesNames(exposedName(one), one));
      const text = await ownTextWriter(false)(metrics);
      const written = text.split('\n').flatMap((line) => /^\w+/.exec(line) ?? []);
      expect(reserved).toEqual(expect.arrayContaining(written));
    }),
    { numRuns: 1000 },
  ));
