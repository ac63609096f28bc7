import type { HrTime } from '@opentelemetry/api';
import { AggregationTemporality, DataPointType } from '@opentelemetry/sdk-metrics';
import { describe, expect, it } from 'vitest';
import { metricsOf } from './metrics.ts';
import { parseText, type TextFormat } from './text-format.ts';

const SCRAPED: HrTime = [1_766_948_030, 5e8];
const all = (_: string) => true;

function converted(lines: string, { keeps = all, format = 'text' as TextFormat } = {}) {
  const text = `${lines.replace(/^\s+/gm, '')}${format === 'openmetrics' ? '\n# EOF' : '\n'}`;
  const { metrics, samples, skipped } = metricsOf(parseText(text, format), keeps, SCRAPED);
  const reasons = skipped.map(({ item, reason }) => `${item} ${reason}`);
  return { metrics, samples, reasons, skipped, names: metrics.map(({ descriptor }) => descriptor.name) };
}
const startsOf = (lines: string, format: TextFormat = 'text') =>
  converted(lines, { format }).metrics.flatMap(({ dataPoints }) => dataPoints.map(({ startTime }) => startTime));

describe('a family', () => {
  it('that is a counter becomes a cumulative, monotonic sum', () => {
    const { metrics } = converted(`# HELP j_total Energy.
      # UNIT j_total joules
      # TYPE j_total counter
      j_total{zone="package"} 12.5
      j_total{zone="dram"} 3 1766948000250`);
    expect(metrics).toMatchObject([
      {
        descriptor: { name: 'j_total', unit: 'joules', description: 'Energy.' },
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPoints: [
          { attributes: { zone: 'package' }, value: 12.5, startTime: [0, 0], endTime: SCRAPED },
          { attributes: { zone: 'dram' }, value: 3, startTime: [0, 0], endTime: [1_766_948_000, 25e7] },
        ],
      },
    ]);
  });

  it.each(['# TYPE a gauge', '# TYPE a untyped', ''])('with `%s` becomes a gauge', (type) => {
    const { metrics } = converted(`${type}\na 1\na{x="y"} NaN`);
    expect(metrics).toMatchObject([{ dataPointType: DataPointType.GAUGE }]);
    expect(metrics[0]?.dataPoints.map(({ value }) => value)).toEqual([1, Number.NaN]);
  });

  it('that is a histogram or a summary is skipped where it would be kept, and only there', () => {
    const lines = `# TYPE h histogram
      h_bucket{le="+Inf"} 1
      h_count 1
      # TYPE s summary
      s{quantile="0.5"} 1
      s_count 1
      # TYPE g gauge
      g 1`;
    const { names, reasons, skipped } = converted(lines);
    expect([names, reasons]).toEqual([['g'], ['histogram unsupported_type', 'summary unsupported_type']]);
    expect(skipped[0]?.message).toContain('`h` is a histogram');
    expect(converted(lines, { keeps: (name) => name.startsWith('g') })).toMatchObject({ names: ['g'], reasons: [] });
  });

  it('is kept by the name of its samples', () => {
    const lines = '# TYPE a counter\na_total 1\n# TYPE b counter\nb_total 2';
    const { names, samples } = converted(lines, { format: 'openmetrics', keeps: (name) => name === 'b_total' });
    expect([names, samples]).toEqual([['b_total'], 1]);
  });

  it('whose type comes behind its samples stays one metric, and has the first of two samples', () => {
    const { metrics, reasons } = converted('# TYPE a counter\na_total 1\n# TYPE a_total gauge\na_total 2\na 3', {
      format: 'openmetrics',
    });
    expect(
      metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
    ).toEqual([
      ['a_total', [1]],
      ['a', [3]],
    ]);
    expect(reasons).toEqual(['sample duplicate_sample']);
  });

  it('that has a sample twice has the first one', () => {
    const { metrics, reasons, samples } = converted(
      'a{x="1",y="2"} 1\na{y="2",x="1",z=""} 2\na{x="1"} 3\na{x="1"} 4 1000',
    );
    expect(metrics[0]?.dataPoints.map(({ value }) => value)).toEqual([1, 3, 4]);
    expect([reasons, samples]).toEqual([['sample duplicate_sample'], 3]);
  });
});

describe('the start of a counter', () => {
  it('is that of the process where it is one of the process', () => {
    const cpu = '# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 5';
    expect(startsOf(`${cpu}\nprocess_start_time_seconds 1766940000.25`)[0]).toEqual([1_766_940_000, 25e7]);
    expect(startsOf(cpu)).toEqual([[0, 0]]);
    for (const wrong of ['NaN', '+Inf', '0', '-5', '1766948030.5']) {
      expect(startsOf(`${cpu}\nprocess_start_time_seconds ${wrong}`)[0], wrong).toEqual([0, 0]);
    }
  });

  it('is open where it may be the kernel’s or the hardware’s', () => {
    const lines =
      '# TYPE node_cpu_seconds_total counter\nnode_cpu_seconds_total 5\nprocess_start_time_seconds 1766940000';
    expect(startsOf(lines)[0]).toEqual([0, 0]);
  });

  it('is what OpenMetrics says of each of its series', () => {
    const lines = '# TYPE a counter\na_total{x="1"} 5\na_total{x="2"} 6\na_created{x="1"} 1766940000.5';
    const { names } = converted(lines, { format: 'openmetrics' });
    expect(names).toEqual(['a_total']);
    expect(startsOf(lines, 'openmetrics')).toEqual([
      [1_766_940_000, 5e8],
      [0, 0],
    ]);
  });

  it('is open for gauges', () => {
    expect(startsOf('process_open_fds 5\nprocess_start_time_seconds 1766940000')[0]).toEqual([0, 0]);
  });
});
