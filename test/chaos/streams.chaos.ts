import { setTimeout as sleep } from 'node:timers/promises';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { liveMetric } from '../kit/live-streams.ts';
import { describeWithPeers } from '../kit/peers.ts';
import type { Random } from '../kit/random-numbers.ts';
import { choicesOf, killsOf, report } from './chaos.ts';
import { countingConfig, expectCounters, expectStoredCounters, type Used } from './counting.ts';
import { FaultProxy } from './fault-proxy.ts';
import { otlpRequests } from './requests.ts';
import { postUntilTaken } from './senders.ts';
import { startStore } from './stored-points.ts';
import { Victim } from './victim.ts';

const SUITE = 'streams by http';
const BEGAN = 1_766_947_958;
/** Seconds of a stream that a request moves on by. */
const STEP = 2;
/** Milliseconds between two requests of a machine. */
const LONGEST_PAUSE = 60;

/** A machine that keeps sending its energy or its power, and its CPU time. */
interface Machine {
  readonly scenario: string;
  readonly name: string;
  readonly meter: 'power' | 'energy';
  readonly cores: number;
  /** Joules since it began to send. */
  readonly joules: (second: number) => number;
  /** Watts. */
  readonly watts: (second: number) => number;
}

/** The power of which rises by 0.05 W a second; so the trapezoids of its samples are exact. */
const rising = {
  watts: (second: number) => 100 + second / 20,
  joules: (second: number) => 100 * second + second ** 2 / 40,
};
const even = { watts: () => 250, joules: (second: number) => 250 * second };
const machines: readonly Machine[] = [
  { scenario: 'encoder', name: 'a', meter: 'power', cores: 1.5, ...rising },
  { scenario: 'encoder', name: 'b', meter: 'energy', cores: 0.5, ...even },
  { scenario: 'packager', name: 'c', meter: 'energy', cores: 2, ...rising },
  { scenario: 'packager', name: 'd', meter: 'power', cores: 3, ...even },
];

describeWithPeers(SUITE, ['victoria-metrics'], () => {
  it('are counted exactly, over kills and faults of the network', async () => {
    const random = choicesOf(SUITE);
    const store = await startStore();
    const proxy = await new FaultProxy(store.url).start();
    const port = await freePort();
    const receivers = { http: { endpoint: `127.0.0.1:${port}` } };
    const victim = await Victim.start({ port, config: countingConfig({ port, receivers, url: proxy.url }) });
    const storm = new AbortController();
    const killed = new AbortController();
    try {
      const storming = proxy.storm(random, storm.signal);
      const seconds = machines.map(() => 0);
      let failure: unknown;
      const sent = () => {
        if (failure) throw failure;
        return seconds.reduce((sum, second) => sum + second, 0);
      };
      const sending = Promise.all(
        machines.map(async (machine, index) => {
          while (!killed.signal.aborted) {
            await send(machine, seconds[index] as number, port, random);
            seconds[index] = (seconds[index] as number) + STEP;
          }
        }),
      );
      sending.catch((error) => {
        failure = error;
      });
      await victim.killAtRandom(random, killsOf(12), sent);
      killed.abort();
      await sending;
      storm.abort();
      await storming;
      await victim.emptied('victoriametrics');
      const samples = await victim.metrics();
      for (const scenario of new Set(machines.map((machine) => machine.scenario)))
        expectCounters(samples, scenario, usedBy(scenario, seconds));
      const counters = await expectStoredCounters(store.url, samples);
      report(SUITE, { kills: victim.kills, 'seconds of machines': sent(), ...counters });
    } finally {
      storm.abort();
      killed.abort();
      await victim.stop();
      await proxy.stop();
      await store.stop();
    }
  });
});

/** Sends the points of a machine after so many seconds of its stream until they are acknowledged. */
async function send(machine: Machine, sent: number, port: number, random: Random): Promise<void> {
  // Overlaps what was sent before, as where an answer was lost.
  const seconds = [Math.max(0, sent - 1), sent, sent + 1, sent + STEP];
  await postUntilTaken(port, random, random.pick(otlpRequests)([resourceOf(machine, seconds)]));
  await sleep(random.between(0, LONGEST_PAUSE));
}

function resourceOf(
  { scenario, name, meter, cores, joules, watts }: Machine,
  seconds: readonly number[],
): ResourceMetrics {
  const points = (value: (second: number) => number) =>
    seconds.map((second) => ({ at: BEGAN + second, value: value(second), start: BEGAN - 60 }));
  const metrics = [
    meter === 'power'
      ? liveMetric('hw.host.power', 'gauge', points(watts), 'W')
      : liveMetric(
          'hw.host.energy',
          'counter',
          points((second) => 5e8 + joules(second)),
          'J',
        ),
    liveMetric(
      'container.cpu.time',
      'counter',
      points((second) => cores * second),
      's',
    ),
  ];
  const resource = resourceFromAttributes({ scenario, 'host.name': name });
  return { resource, scopeMetrics: [{ scope: { name: 'test' }, metrics }] };
}

/** What the machines of a scenario have used in so many seconds each, in the order of `machines`. */
function usedBy(scenario: string, seconds: readonly number[]): Used {
  let [joules, coreSeconds] = [0, 0];
  for (const [index, machine] of machines.entries()) {
    if (machine.scenario !== scenario) continue;
    const second = seconds[index] as number;
    joules += machine.joules(second);
    coreSeconds += machine.cores * second;
  }
  return { joules, coreSeconds };
}
