import { describe, expect, it } from 'vitest';
import type { ServiceStatus } from 'wattline/plugin';
import { answerTo, goDuration } from './answer.ts';

const upSince = new Date('2026-01-02T03:04:05.000Z');
const now = new Date('2026-01-02T03:05:07.300Z');
const none = { receivers: [], processors: [], exporters: [] };
const status: ServiceStatus = {
  state: 'starting',
  upSince,
  pipelines: [
    { id: 'metrics', state: 'running', ...none },
    { id: 'metrics/slow', state: 'starting', ...none },
  ],
  stages: [],
};

describe('a probe', () => {
  it('is told as by the Collector that all runs, and since when', () => {
    expect(answerTo(undefined, { ...status, state: 'running' }, now)).toEqual({
      code: 200,
      body: { status: 'Server available', upSince: '2026-01-02T03:04:05.000Z', uptime: '1m2.3s' },
    });
  });

  it.each(['starting', 'stopping'] as const)('is told that it is %s', (state) => {
    expect(answerTo(undefined, { ...status, state, upSince: undefined }, now)).toEqual({
      code: 503,
      body: { status: 'Server not available', upSince: '0001-01-01T00:00:00Z', uptime: '', reason: state },
    });
  });

  it('may ask for one pipeline', () => {
    expect(answerTo('metrics', status, now).code).toBe(200);
    expect(answerTo('metrics/slow', status, now).code).toBe(503);
    expect(answerTo('metrics/none', status, now)).toEqual({
      code: 404,
      body: { status: 'there is no pipeline metrics/none; there are: metrics, metrics/slow' },
    });
  });

  it('is told by 200 which exporters somebody must mend, and not why', () => {
    const blocked = { message: 'answered 401', time: now };
    const exporter = { kind: 'exporter', id: 'otlphttp', state: 'running', blocked } as const;
    const pipelines = status.pipelines.map((one) => ({ ...one, exporters: one.id === 'metrics' ? ['otlphttp'] : [] }));
    const ill = { ...status, state: 'running' as const, pipelines, stages: [exporter] };
    expect(answerTo(undefined, ill, now)).toMatchObject({ code: 200, body: { blocked: 'exporter otlphttp' } });
    expect(answerTo('metrics', ill, now)).toMatchObject({ code: 200, body: { blocked: 'exporter otlphttp' } });
    expect(JSON.stringify(answerTo(undefined, ill, now))).not.toContain('401');
    expect(answerTo('metrics', { ...ill, stages: [] }, now).body).not.toHaveProperty('blocked');
  });

  it('is told 0s by a pipeline that runs before all stages do', () => {
    expect(answerTo('metrics', { ...status, upSince: undefined }, now).body.uptime).toBe('0s');
  });
});

it.each([
  [0, '0s'],
  [350, '350ms'],
  [1000, '1s'],
  [59_999, '59.999s'],
  [60_000, '1m0s'],
  [3_602_300, '1h0m2.3s'],
  [90_000_000, '25h0m0s'],
])('%d ms are written as Go does: %s', (milliseconds, text) => {
  expect(goDuration(milliseconds)).toBe(text);
});
