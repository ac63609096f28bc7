import { describe, expect, it } from 'vitest';
import { formatSpan } from './span.ts';
import { statusReport } from './status-report.ts';
import { formatStatus } from './status-text.ts';

const report = (changes: object = {}) =>
  statusReport.parse({
    state: 'running',
    time: '2026-01-02T03:04:05.000Z',
    up_since: '2026-01-02T02:00:05.000Z',
    version: '1.2.3',
    process: { cpu_cores: 0.0123, memory_rss_bytes: 104_857_600 },
    pipelines: [
      {
        id: 'metrics',
        state: 'running',
        stages: [
          {
            kind: 'receiver',
            id: 'http',
            state: 'running',
            points: { out: 1234, refused: 2 },
            points_per_second: { out: 1.25 },
          },
          { kind: 'processor', id: 'cost', state: 'running', points: { in: 0, out: 0 }, points_per_second: {} },
          {
            ...{ kind: 'exporter', id: 'otlphttp', state: 'running', queue: { size: 5, capacity: 1000 } },
            last_error: { message: 'away\n\x1b[31mred', time: '2026-01-02T03:03:00.000Z' },
          },
        ],
      },
    ],
    skipped: [{ component: 'receiver http', item: 'run', reason: 'no_name', count: 7 }],
    ...changes,
  });

describe('the text of a status', () => {
  it('has a line for each stage, and nothing where there is no figure', () => {
    expect(formatStatus(report())).toBe(`wattline 1.2.3: running, up 1h 4m, 0.012 cores, 100 MiB

pipeline metrics: running
stage              state    in/s  out/s  in    out  refused  failed       queue
receiver http      running          1.3      1,234        2
processor cost     running                0      0
exporter otlphttp  running                                           5 of 1,000

last errors
1m 5s ago  exporter otlphttp: away��[31mred

skipped        item  reason   times
receiver http  run   no_name      7`);
  });

  it('has a shared stage’s error once, and no headings without content', () => {
    const stages = report().pipelines[0]?.stages;
    const pipelines = ['metrics/a', 'metrics/b'].map((id) => ({ id, state: 'running', stages }));
    expect(formatStatus(report({ pipelines })).match(/away/g)).toHaveLength(1);
    expect(formatStatus(report({ pipelines: [], skipped: [] }))).not.toMatch(/last errors|skipped/);
  });
});

it.each([
  [0.9, '0s'],
  [61, '1m 1s'],
  [3600, '1h'],
  [100_000, '1d 3h'],
])('%d s are %s', (seconds, text) => {
  expect(formatSpan(seconds)).toBe(text);
});
