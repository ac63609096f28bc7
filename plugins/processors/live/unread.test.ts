import { expect, it } from 'vitest';
import { createTestContext } from '../../../test/kit/context.ts';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { Unread } from './unread.ts';

const gauge = (name: string) => liveMetric(name, 'gauge', [{ at: 1, value: 1 }]);
const run = liveRun({}, gauge('http_requests'));

function begin() {
  const { ctx, logs } = createTestContext();
  return { unread: new Unread(ctx.logger), logs };
}

it('names what looks like power once, with what to write', () => {
  const { unread, logs } = begin();
  for (const sender of ['a', 'b']) {
    for (const name of ['pdu_watts', 'http_requests', 'power_limit_watts']) unread.judge(gauge(name), () => sender);
  }
  expect(unread.status.metrics).toEqual([{ name: 'pdu_watts', unit: 'W', sender: 'a', labels: [] }]);
  const remedy = 'write `live: { meters: [{ metric: pdu_watts, unit: W, boundary: host }] }`, with what it measures';
  expect(logs).toEqual([`warn: \`pdu_watts\` of a looks like power or energy and is not read; to read it, ${remedy}`]);
});

it('says by which labels points differ, which a line without them would add up', () => {
  const { unread, logs } = begin();
  const names = ['Total', 'PSU 1'].map((name) => ({ at: 1, value: 1, attributes: { name, type: 'power' } }));
  unread.judge(liveMetric('ipmi_watts', 'gauge', names), () => 'a');
  expect(unread.status.metrics).toEqual([{ name: 'ipmi_watts', unit: 'W', sender: 'a', labels: ['name'] }]);
  const choice = 'unless `where` says which of them count, or `identity` which label names their host';
  expect(logs[0]).toContain(`; its points differ by \`name\` and add up, ${choice}`);
});

it('takes a counter of watts for one of watt-hours', () => {
  const { unread } = begin();
  unread.judge(liveMetric('plug_kilowatts_total', 'counter', [{ at: 1, value: 1 }]), () => 'a');
  unread.judge(liveMetric('plug_kilowatts', 'gauge', [{ at: 1, value: 1 }]), () => 'a');
  expect(unread.status.metrics.map(({ unit }) => unit)).toEqual(['kWh', 'kW']);
});

it('names so many metrics and counts the others, whatever senders make up', () => {
  const { unread, logs } = begin();
  for (let n = 0; n < 20_000; n++) unread.judge(gauge(`${'x'.repeat(1000)}_${n}_watts`), () => 'a');
  const { metrics, more } = unread.status;
  expect([metrics.length, more]).toEqual([200, 9800]);
  expect(metrics.every(({ name }) => name.length === 200)).toBe(true);
  expect(logs).toHaveLength(201);
});

it('names what looks like power after however many metrics that do not', () => {
  const { unread } = begin();
  for (let n = 0; n < 10_001; n++) unread.judge(gauge(`requests_${n}`), () => 'a');
  unread.judge(gauge('pdu_watts'), () => 'a');
  expect(unread.status.metrics).toEqual([{ name: 'pdu_watts', unit: 'W', sender: 'a', labels: [] }]);
});

it('names who sends nothing that is read, after a while, until something is', () => {
  const { unread, logs } = begin();
  unread.note('a', run, false);
  unread.note('a', run, false);
  expect(unread.status.senders).toEqual([]);
  unread.note('a', run, false);
  unread.note('a', run, false);
  expect(unread.status.senders).toEqual([{ sender: 'a', metric: 'http_requests' }]);
  expect(logs).toHaveLength(1);
  expect(logs[0]).toContain('nothing is read of what a sends, such as `http_requests`');
  unread.note('a', run, true);
  expect(unread.status.senders).toEqual([]);
  for (let n = 0; n < 9; n++) unread.note('a', run, false);
  expect(unread.status.senders).toEqual([]);
});

it('follows so many silent senders', () => {
  const { unread } = begin();
  for (let n = 0; n < 1000; n++) for (let times = 0; times < 3; times++) unread.note(`${n}`, run, false);
  expect(unread.status.senders).toHaveLength(200);
});
