import { readFileSync } from 'node:fs';
import type { Attributes } from '@opentelemetry/api';
import type { MetricData } from '@opentelemetry/sdk-metrics';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secondsBetween, toSeconds } from 'wattline/plugin';
import { liveMetric, liveRun } from '../../../test/kit/live-streams.ts';
import { countMeters, type Ledger, newLedger } from './feeds.ts';
import { forgetSilent } from './forgetting.ts';
import { fingerprint } from './identity.ts';
import { updateLedger } from './ledger.ts';
import type { LedgerUpdate, Sent, UpdateOptions } from './ledger-update.ts';
import { insideOf } from './pods.ts';
import { readLive } from './reading.ts';
import { configSchema, optionsOf } from './settings.ts';
import { parseLedger, textOf } from './stored-ledger.ts';

const MAX_GAP = 10;
const { ceilings, meters } = optionsOf(configSchema.parse({}));

type Resource = readonly [attributes: Attributes, metrics: readonly MetricData[]];

/** A host whose resources send metrics. */
class Host {
  ledger: Ledger = newLedger();

  send(service: string, metrics: readonly MetricData[], options: Partial<UpdateOptions> = {}): LedgerUpdate {
    return this.sendAll([[{ 'service.name': service }, metrics]], options)[0] as LedgerUpdate;
  }

  sendAll(resources: readonly Resource[], options: Partial<UpdateOptions> = {}): readonly LedgerUpdate[] {
    const sent = resources.map(([attributes, metrics]): Sent => {
      const { readings = [], cores } = readLive(liveRun(attributes, ...metrics), 1e9) ?? {};
      const [resource, who] = [fingerprint(attributes), String(attributes['service.name'])];
      const own = { inside: insideOf(attributes), ofHost: {}, own: {} };
      return { resource, who, ...own, isNamed: true, readings, cores };
    });
    // As it comes back out of a state.
    this.ledger = parseLedger(textOf(this.ledger), 'a');
    const own: UpdateOptions = {
      now: 0,
      maxGap: MAX_GAP,
      room: { host: 100, process: 100 },
      ceilings: { ...ceilings, cores: 64 },
      countedFrom: 1e9,
      meters,
      isOfSender: () => false,
    };
    const { updates } = updateLedger(this.ledger, sent, { ...own, ...options });
    forgetSilent(this.ledger, options.now ?? 0, { host: 1000, process: 100 });
    return updates;
  }
}

/** A counter or a gauge of constant power at the given times. */
const energy = (name: string, watts: number, times: readonly number[], attributes = {}) =>
  liveMetric(
    name,
    'counter',
    times.map((at) => ({ at, value: watts * at, attributes })),
  );
const power = (name: string, watts: number, times: readonly number[], attributes = {}) =>
  liveMetric(
    name,
    'gauge',
    times.map((at) => ({ at, value: watts, attributes })),
  );

const joules = ({ counted }: LedgerUpdate) =>
  Object.fromEntries(
    counted.map(({ boundary, increments }) => [boundary, increments.reduce((sum, { amount }) => sum + amount, 0)]),
  );
const reasons = ({ skipped }: LedgerUpdate) => skipped.map(({ item, reason }) => [item, reason]);

describe('of boundaries that overlap', () => {
  const zones = (times: readonly number[]) => [
    energy('node_rapl_package_joules_total', 40, times, { index: '0' }),
    energy('node_rapl_core_joules_total', 30, times, { index: '0' }),
    energy('node_rapl_dram_joules_total', 10, times, { index: '0' }),
    power('DCGM_FI_DEV_POWER_USAGE', 200, times, { UUID: 'x' }),
  ];

  it('only the outermost counts, and those beside it', () => {
    const host = new Host();
    host.send('node', zones([0]));
    expect(joules(host.send('node', zones([1, 2])))).toEqual({ package: 80, dram: 20, gpu: 400 });
    expect(reasons(host.send('node', zones([3])))).toEqual([]);
    host.send('agent', [power('hw.host.power', 300, [3])]);
    expect(joules(host.send('node', zones([4])))).toEqual({});
    expect(joules(host.send('agent', [power('hw.host.power', 300, [4])]))).toEqual({ host: 300 });
  });

  it('sockets add up, each being a meter of its own', () => {
    const host = new Host();
    const sockets = (at: number) =>
      ['0', '1'].map((index) => energy('node_rapl_package_joules_total', 40, [at], { index }));
    host.send('node', sockets(0));
    expect(joules(host.send('node', sockets(5)))).toEqual({ package: 400 });
  });

  it('a counter comes before a gauge, whoever sends it', () => {
    const host = new Host();
    const gauge = (at: number) => [power('kepler_node_cpu_watts', 41, [at], { zone: 'package' })];
    const counter = (at: number) => [energy('node_rapl_package_joules_total', 40, [at])];
    host.send('kepler', gauge(0));
    expect(joules(host.send('kepler', gauge(1)))).toEqual({ package: 41 });
    host.send('node', counter(1));
    expect(joules(host.send('kepler', gauge(2)))).toEqual({});
    expect(joules(host.send('node', counter(3)))).toEqual({ package: 80 });
  });

  it('of two that are equal the first stays', () => {
    const host = new Host();
    for (const at of [0, 1, 2]) {
      host.send('first', [power('hw.host.power', 100, [at])]);
      expect(joules(host.send('second', [power('hw.host.power', 90, [at])]))).toEqual({});
    }
  });

  it('another takes over where one falls silent, from where that had ended', () => {
    const host = new Host();
    const inner = (at: number) => host.send('node', [energy('node_rapl_package_joules_total', 40, [at])]);
    const outer = (at: number) => host.send('agent', [energy('hw.host.energy', 100, [at])]);
    inner(0);
    outer(0);
    inner(5);
    expect(joules(outer(5))).toEqual({ host: 500 });
    inner(9);
    inner(14);
    // More than ten seconds after 5: what it has counted since then is counted for it.
    expect(joules(inner(16))).toEqual({ package: 40 * 11 });
    expect(joules(inner(20))).toEqual({ package: 160 });
    // The outer one is back, with the energy of all the time that it was away.
    expect(joules(outer(30))).toEqual({ host: 1000 });
    expect(joules(inner(31))).toEqual({});
  });

  it('no time counts twice, whatever is there when', () => {
    const feeds = [
      ['agent', 'hw.host.energy', 100, 'counter'],
      ['agent', 'hw.host.power', 100, 'gauge'],
      ['node', 'node_rapl_package_joules_total', 40, 'counter'],
      ['kepler', 'kepler_node_cpu_watts', 40, 'gauge'],
    ] as const;
    const sending = fc.record({
      feed: fc.integer({ min: 0, max: feeds.length - 1 }),
      times: fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 4 }),
      passes: fc.integer({ min: 0, max: 8 }),
    });
    fc.assert(
      fc.property(fc.array(sending, { maxLength: 40 }), (sendings) => {
        const host = new Host();
        const stretches: (readonly [from: number, to: number])[] = [];
        let now = 1000;
        for (const { feed, times, passes } of sendings) {
          const [resource, name, watts, type] = feeds[feed] as (typeof feeds)[number];
          now += passes;
          const at = times.map((time) => now + time);
          const { counted } = host.send(resource, [
            type === 'gauge' ? power(name, watts, at) : energy(name, watts, at),
          ]);
          for (const { from, to, amount } of counted.flatMap(({ increments }) => increments)) {
            expect(amount).toBeCloseTo(watts * secondsBetween(from, to), 6);
            stretches.push([toSeconds(from), toSeconds(to)]);
          }
        }
        stretches.sort(([a], [b]) => a - b);
        for (const [i, [from]] of stretches.entries()) {
          expect(from).toBeGreaterThanOrEqual((stretches[i - 1]?.[1] ?? 0) - 1e-6);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('CPU time', () => {
  const cpu = (name: string, at: number, attributes = {}) => energy(name, 2, [at], attributes);

  it('counts once a resource, by the metric that covers most', () => {
    const host = new Host();
    const send = (at: number) =>
      host.send('app', [cpu('process.cpu.time', at, { 'cpu.mode': 'user' }), cpu('container.cpu.time', at)]);
    send(0);
    const update = send(1);
    expect(joules(update)).toEqual({ container: 2 });
  });

  it('counts for each resource of a host, and beside power', () => {
    const host = new Host();
    for (const resource of ['one', 'two']) {
      host.send(resource, [cpu('process_cpu_seconds_total', 0)]);
      expect(joules(host.send(resource, [cpu('process_cpu_seconds_total', 5)]))).toEqual({ process: 10 });
    }
  });

  it('adds up over modes and CPUs, without those of no use', () => {
    const host = new Host();
    const modes = ['user', 'system', 'idle', 'iowait'];
    const send = (at: number) =>
      host.send(
        'os',
        modes.map((mode) => cpu('system.cpu.time', at, { 'cpu.mode': mode })),
      );
    send(0);
    expect(joules(send(1))).toEqual({ system: 4 });
  });
});

describe('the cores of a host', () => {
  const steps = (host: Host, name: string, values: readonly number[]) =>
    values.map((value, at) => {
      const update = host.send('app', [liveMetric(name, 'counter', [{ at, value }])]);
      return joules(update).process ?? reasons(update);
    });

  it('are those that its CPUs are numbered by, which bounds what its processes can use', () => {
    const host = new Host();
    const cpus = ['0', '3', 'cpu1', 'total'].map((cpu) => ({ at: 0, value: 1, attributes: { cpu, mode: 'idle' } }));
    host.send('node', [liveMetric('node_cpu_seconds_total', 'counter', cpus)]);
    expect(host.ledger.cores).toBe(4);
    expect(steps(host, 'process_cpu_seconds_total', [0, 5, 20])).toEqual([
      [],
      5,
      [['process_cpu_seconds', 'beyond_ceiling']],
    ]);
  });

  it('are those that it is said to have, and never fewer than have been seen', () => {
    const host = new Host();
    const count = liveMetric('system.cpu.logical.count', 'gauge', [{ at: 0, value: 8 }], '{cpu}');
    host.send('node', [count, liveMetric('system.cpu.time', 'counter', [{ at: 0, value: 1 }])]);
    host.send('app', [liveMetric('system.cpu.time', 'counter', [{ at: 0, value: 1, attributes: { cpu: '1' } }])]);
    expect(host.ledger.cores).toBe(8);
  });
});

describe('a counter of a process', () => {
  const job = (start: number, at: number, value: number) =>
    liveMetric('process.cpu.time', 'counter', [{ at, value, start }]);

  it('counts from its start, where it began after the state was opened', () => {
    expect(joules(new Host().send('job', [job(100, 108, 12)], { countedFrom: 99 }))).toEqual({ process: 12 });
    expect(joules(new Host().send('job', [job(98, 108, 12)], { countedFrom: 99 }))).toEqual({});
    const own = [liveMetric('hw.host.energy', 'counter', [{ at: 108, value: 500, start: 100 }])];
    const ofSender = { countedFrom: 99, isOfSender: ({ name }: { name: string }) => name === 'hw.host.energy' };
    expect(joules(new Host().send('job', own, { countedFrom: 99 }))).toEqual({});
    expect(joules(new Host().send('job', own, ofSender))).toEqual({ host: 500 });
  });

  it('does not count from its start once more when it comes back after it was forgotten', () => {
    const host = new Host();
    const options = { countedFrom: 99 };
    host.send('job', [job(100, 108, 12)], { ...options, now: 108 });
    host.send('other', [job(100, 300, 3)], { ...options, now: 300 });
    expect(countMeters(host.ledger).process).toBe(1);
    expect(joules(host.send('job', [job(100, 310, 20)], { ...options, now: 310 }))).toEqual({});
    expect(joules(host.send('job', [job(100, 320, 25)], { ...options, now: 320 }))).toEqual({ process: 5 });
    // One that has begun since then is another.
    expect(joules(host.send('new', [job(301, 330, 4)], { ...options, now: 330 }))).toEqual({ process: 4 });
  });
});

describe('a ledger', () => {
  it('goes on with the positions that the version before has stored', () => {
    const host = new Host();
    host.ledger = parseLedger(readFileSync(new URL('./ledger-of-version-0.1.json', import.meta.url), 'utf8'), 'a');
    const at = 766_947_970.5;
    const metrics = [
      liveMetric('node_rapl_package_joules_total', 'counter', [{ at, value: 2820, attributes: { index: '0' } }]),
      power('kepler_node_cpu_watts', 41, [at], { zone: 'package' }),
    ];
    const sent = host.send('node', metrics, { now: at });
    expect([joules(sent), reasons(sent)]).toEqual([{ package: 80 }, []]);
    expect(countMeters(parseLedger(textOf(host.ledger), 'a'))).toEqual({ host: 2, process: 0 });
  });

  it('has room for its host, however many processes there are, and the least recently heard makes room', () => {
    const host = new Host();
    const room = { host: 1, process: 0 };
    const pid = (name: string, at: number) => [energy('process_cpu_seconds_total', 1, [at], { pid: name })];
    host.send('old', pid('1', 0));
    host.send('old', pid('2', 15));
    expect(reasons(host.send('new', pid('3', 9), { room }))).toEqual([['process_cpu_seconds', 'too_many_streams']]);
    expect(reasons(host.send('new', pid('3', 20), { room }))).toEqual([]);
    const meters = Object.values(host.ledger.feeds).flatMap((feed) => feed.meters.sources);
    expect(meters.filter((meter) => meter.includes('pid')).sort()).toEqual([
      expect.stringContaining('2'),
      expect.stringContaining('3'),
    ]);
    expect(reasons(host.send('node', [energy('hw.host.energy', 5, [20])], { room }))).toEqual([]);
  });

  it('has no more meters than there is room for', () => {
    const host = new Host();
    const sockets = (at: number) => [
      liveMetric(
        'node_rapl_package_joules_total',
        'counter',
        ['0', '1', '2'].map((index) => ({ at, value: at, attributes: { index } })),
      ),
    ];
    expect(reasons(host.send('node', sockets(0), { room: { host: 2, process: 0 } }))).toEqual([
      ['node_rapl_package_joules', 'too_many_streams'],
    ]);
    expect(countMeters(host.ledger)).toEqual({ host: 2, process: 0 });
    expect(joules(host.send('node', sockets(1), { room: { host: 0, process: 0 } }))).toEqual({ package: 2 });
  });

  it('forgets meters and feeds that have not been heard of for long', () => {
    const host = new Host();
    host.send('node', [energy('container_cpu_usage_seconds_total', 1, [0], { container: 'old' })]);
    for (const at of [0, 2000]) {
      host.send('node', [energy('container_cpu_usage_seconds_total', 1, [at], { container: 'new' })], { now: at });
    }
    expect(countMeters(host.ledger)).toEqual({ host: 0, process: 1 });
    host.send('other', [energy('process_cpu_seconds_total', 1, [5000])], { now: 5000 });
    expect(Object.values(host.ledger.feeds).map(({ name }) => name)).toEqual(['process_cpu_seconds']);
  });

  it('keeps nothing of a process that is gone, however many come and go within one resource', () => {
    const host = new Host();
    const cpu = (pid: number, at: number) =>
      liveMetric('process.cpu.time', 'counter', [{ at, value: 1, start: at - 1, attributes: { pid } }]);
    for (let pid = 0; pid < 5; pid++) host.send('agent', [cpu(pid, 200 * pid + 10)]);
    const [feed] = Object.values(host.ledger.feeds);
    expect(feed?.meters.size).toBe(1);
  });

  it('says how long gauges left open, how many counters were reset, and which points were late', () => {
    const host = new Host();
    host.send('a', [power('hw.host.power', 5, [0]), energy('process_cpu_seconds_total', 1, [50])]);
    const update = host.send('a', [power('hw.host.power', 5, [0, 60]), energy('process_cpu_seconds_total', 1, [10])]);
    expect(update).toMatchObject({ uncovered: 60, resets: 0, late: 2, counted: [] });
    expect(reasons(update)).toEqual([['hw.host.power', 'gap']]);
    expect(host.send('a', [liveMetric('process_cpu_seconds_total', 'counter', [{ at: 61, value: 3 }])])).toMatchObject({
      resets: 1,
      counted: [{ increments: [{ amount: 3 }] }],
    });
  });
});
