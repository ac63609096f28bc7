import { describe, expect, it } from 'vitest';
import type { ServiceStatus } from 'wattline/plugin';
import { type Counts, keyOf } from './counts.ts';
import { age, memory, number, span } from './format.ts';
import { pageOf } from './page.ts';
import { makeReport } from './report.ts';

const time = new Date('2026-01-02T03:04:05Z');
const before = (seconds: number) => new Date(time.getTime() - seconds * 1000);
const hostile = '<img src=x onerror="alert(1)">';
const status: ServiceStatus = {
  state: 'running',
  upSince: before(3720),
  pipelines: [{ id: 'metrics', state: 'running', receivers: ['http'], processors: ['cost'], exporters: ['otlphttp'] }],
  stages: [
    { kind: 'extension', id: 'status', state: 'running' },
    { kind: 'exporter', id: 'otlphttp', state: 'running', lastError: { message: hostile, time: before(90) } },
    { kind: 'processor', id: 'cost', pipeline: 'metrics', state: 'running' },
    { kind: 'receiver', id: 'http', state: 'running', lastError: { message: 'full', time: before(5) } },
  ],
};
const http = keyOf({ kind: 'receiver', id: 'http' });
const counts: Counts = {
  points: new Map([[http, { out: 12_345, refused: 3 }]]),
  queues: new Map([[keyOf({ kind: 'exporter', id: 'otlphttp' }), { size: 900, capacity: 1000 }]]),
  skipped: [
    { component: 'processor cost', item: 'a', reason: 'rare', count: 1 },
    { component: 'processor cost', item: 'b', reason: 'often', count: 20 },
  ],
  process: { memory_rss_bytes: 100 * 1024 * 1024 },
  version: '1.2.3',
};
const rates = { points: new Map([[http, { out: 2.5 }]]), cpuCores: undefined };

describe('a report', () => {
  const report = makeReport(status, counts, rates, time);

  it('has the stages of each pipeline in their order, and leaves out what is not known', () => {
    expect(report.pipelines).toEqual([
      {
        id: 'metrics',
        state: 'running',
        stages: [
          {
            ...{ kind: 'receiver', id: 'http', state: 'running', points: { out: 12_345, refused: 3 } },
            ...{ points_per_second: { out: 2.5 }, last_error: { message: 'full', time: before(5) } },
          },
          { kind: 'processor', id: 'cost', state: 'running' },
          {
            ...{ kind: 'exporter', id: 'otlphttp', state: 'running', queue: { size: 900, capacity: 1000 } },
            last_error: { message: hostile, time: before(90) },
          },
        ],
      },
    ]);
    expect(report.services).toEqual([{ kind: 'extension', id: 'status', state: 'running' }]);
    expect(report.skipped.map(({ reason }) => reason)).toEqual(['often', 'rare']);
    expect(report.process).toEqual({ memory_rss_bytes: 100 * 1024 * 1024 });
  });

  it('is a page that shows texts as texts', () => {
    const page = pageOf(report);
    expect(page).not.toContain('<img');
    expect(page).toContain('&#60;img src=x onerror=&#34;alert(1)&#34;&#62;');
    expect(page).toContain('12,345 <small>2.5/s</small>');
    expect(page).toContain('1 h 2 min ago');
    expect(page).toContain('high="800" optimum="0" value="900"></meter> 900 of 1,000');
  });

  it('names what is not read, and what to write for that, where there is something', () => {
    expect(pageOf(report)).not.toContain('Not read by');
    const unread = {
      metrics: [{ name: `pdu_${hostile}`, unit: 'W', sender: hostile, labels: [hostile] }],
      more: 1234,
      senders: [{ sender: 'quiet', metric: 'requests' }],
    };
    const stages = status.stages.map((stage) => (stage.id === 'cost' ? { ...stage, unread } : stage));
    const other = makeReport({ ...status, stages }, counts, rates, time);
    expect(other.pipelines[0]?.stages[1]?.unread).toEqual(unread);
    const page = pageOf(other);
    expect(page).not.toContain('<img');
    expect(page).toContain('<h2>Not read by cost</h2>');
    expect(page).toContain('metric: pdu_&#60;img');
    expect(page).toContain('quiet');
    expect(page).toContain('And 1,234 more metrics');
  });

  it('marks a stage in which something has failed within a minute', () => {
    const boxes = [...pageOf(report).matchAll(/<li class="(\w+)"><small>\w+<\/small><b>(\w+)/g)];
    expect(boxes.map(([, name, id]) => [id, name])).toEqual([
      ['http', 'ill'],
      ['cost', 'running'],
      ['otlphttp', 'running'],
    ]);
  });
});

it.each([
  [0, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3725, '1 h 2 min'],
  [90_061, '1 d 1 h'],
  [-3, '0 s'],
])('%d s are a span of %s', (seconds, text) => {
  expect(span(seconds)).toBe(text);
  expect(age(before(seconds), time)).toBe(`${text} ago`);
});

it.each([
  [0, '0'],
  [0.01234, '0.012'],
  [9.87, '9.9'],
  [12.34, '12'],
  [1_234_567, '1,234,567'],
])('%d is shown as %s', (value, text) => {
  expect(number(value)).toBe(text);
});

it('shows bytes as MiB', () => {
  expect(memory(157_286_400)).toBe('150 MiB');
});
