import { describe, expect, it } from 'vitest';
import { parseMetricsPage, parseRetention, risen } from './metrics-page.ts';

const DAY = 86_400_000;

describe('retention periods', () => {
  it.each([
    ['1', 31 * DAY],
    ['1M', 31 * DAY],
    ['0.5', 15.5 * DAY],
    ['100y', 36_500 * DAY],
    ['100Y', 36_500 * DAY],
    ['2w', 14 * DAY],
    ['30d', 30 * DAY],
    ['36h', 1.5 * DAY],
    ['1y2d', 367 * DAY],
    ['90m', 5_400_000],
    ['1500ms', 1500],
  ])('%s', (text, milliseconds) => expect(parseRetention(text)).toBe(milliseconds));

  it.each(['', 'y', 'secret', '1x', '-1', '1 d', '1d!'])('%j is none', (text) => {
    expect(parseRetention(text)).toBeUndefined();
  });
});

describe('pages', () => {
  const flags = [
    'flag{name="retentionPeriod", value="2y", is_set="true"} 1',
    'flag{name="maxLabelsPerTimeseries", value="30", is_set="false"} 1',
    'flag{name="maxLabelValueLen",value="16384"} 1',
  ];

  it('show what the server keeps', () => {
    expect(parseMetricsPage(flags.join('\n')).limits).toEqual({
      retentionPeriod: '2y',
      retention: 730 * DAY,
      future: 2 * DAY,
      labelsPerSeries: 30,
      labelValueBytes: 16_384,
      labelNameBytes: 256,
      seriesLimited: false,
    });
    const more = [
      'flag{name="futureRetention", value="1w", is_set="true"} 1',
      'flag{name="maxLabelNameLen", value="512", is_set="true"} 1',
      'flag{name="storage.maxDailySeries", value="5", is_set="true"} 1',
    ];
    const { limits } = parseMetricsPage([...flags, ...more].join('\n'));
    expect(limits).toMatchObject({ future: 7 * DAY, labelNameBytes: 512, seriesLimited: true });
  });

  it('may show nothing of it', () => {
    expect(parseMetricsPage('')).toEqual({ limits: undefined, dropped: undefined });
    expect(parseMetricsPage('go_goroutines 5\nflag{name="remoteWrite.url", value="secret"} 1\n')).toEqual({
      limits: undefined,
      dropped: undefined,
    });
    expect(parseMetricsPage('flag{name="retentionPeriod", value="secret"} 1').limits).toBeUndefined();
  });

  it('count what was dropped by reason, over all paths', () => {
    const page = parseMetricsPage(
      [
        'vm_rows_ignored_total{reason="small_timestamp"} 7',
        'vm_rows_ignored_total{reason="big_timestamp",path="/a"} 1',
        'vm_rows_ignored_total{path="/b",reason="big_timestamp"} 2',
        'vm_hourly_series_limit_rows_dropped_total 4',
        'vm_daily_series_limit_rows_dropped_total{path="/a"} 1.2e+03',
        'vm_metrics_with_dropped_labels_total 2',
        'vm_too_long_label_values_total 5',
        'vm_rows_inserted_total{type="prometheus"} 99',
      ].join('\n'),
    );
    expect(Object.fromEntries(page.dropped ?? [])).toEqual({
      small_timestamp: 7,
      big_timestamp: 3,
      hourly_series_limit_rows_dropped: 4,
      daily_series_limit_rows_dropped: 1200,
      metrics_with_dropped_labels: 2,
      too_long_label_values: 5,
    });
  });
});

it('returns a rise by reason, also where the server was restarted', () => {
  const page = (dropped: Record<string, number>) => ({ limits: undefined, dropped: new Map(Object.entries(dropped)) });
  const blind = { limits: undefined, dropped: undefined };
  expect([...risen(page({ a: 1, b: 5, c: 3 }), page({ a: 4, b: 5, c: 2, d: 1 }))]).toEqual([
    ['a', 3],
    ['c', 2],
    ['d', 1],
  ]);
  expect(risen(page({ a: 1 }), blind).size).toBe(0);
});
