import { DataPointType, type ScopeMetrics } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { loadEncoder } from '../otlp/index.ts';
import { figure, hostPower, Run, Series, samplesOf } from '../plugin/index.ts';
import { estimatedBytes, sizeOf } from './run-size.ts';

const encode = await loadEncoder('proto');
const anyText = fc.string({ maxLength: 2000 });
const anyAttributes = fc.dictionary(fc.string({ minLength: 1, maxLength: 30 }), anyText, { maxKeys: 10 });
const number = { name: 'cost', unit: '{USD}', description: 'a cost', scope: 'test' };

it('estimates the bytes of a run in OTLP, be they of texts, samples, figures or other metrics', () => {
  const anyRun = fc.record({
    attributes: anyAttributes,
    samples: fc.nat(3000),
    figures: fc.nat(20),
    points: fc.array(anyAttributes, { maxLength: 20 }),
  });
  fc.assert(
    fc.property(anyRun, ({ attributes, samples, figures, points }) => {
      const descriptor = { name: 'requests', unit: '1', description: '', valueType: 1 };
      const times = { startTime: [1, 0] as [number, number], endTime: [2, 0] as [number, number] };
      const dataPoints = points.map((own) => ({ ...times, attributes: own, value: 0.5 }));
      const metric = { descriptor, dataPointType: DataPointType.GAUGE, aggregationTemporality: 1, dataPoints };
      const run = Run.of(attributes, {
        samples: [samplesOf(hostPower, Series.regular([1_700_000_000, 0], 5, new Float64Array(samples).fill(0.5)))],
        figures: Array(figures).fill(figure(number, 1)),
        metrics: [{ scope: { name: 'a' }, metrics: [metric] }] as unknown as ScopeMetrics[],
      });
      const exact = encode([run]).length;
      // Short runs are mostly names and times of their own.
      if (exact < 1000) return;
      expect(estimatedBytes(run) / exact).toBeGreaterThan(0.5);
      if (figures === 0) expect(estimatedBytes(run) / exact).toBeLessThan(2);
    }),
  );
});

it('counts what the configuration says', () => {
  const run = Run.of({ scenario: 'a' }, { figures: [figure(number, 1), figure(number, 2)] });
  expect([sizeOf(run, 'requests'), sizeOf(run, 'items'), sizeOf(run, 'bytes', () => 7)]).toEqual([1, 2, 7]);
  expect(sizeOf(run, 'bytes')).toBe(estimatedBytes(run));
});
