import { expect } from 'vitest';
import type { Random } from '../kit/random-numbers.ts';
import { report } from './chaos.ts';
import { valuation } from './numbered-runs.ts';
import { RunSenders } from './senders.ts';
import { expectStored } from './stored-points.ts';
import type { Victim } from './victim.ts';

const storage = 'file_storage';

/** Tries again fast enough for a test, and keeps what waits in the extension `file_storage`. */
export const stored = {
  timeout: '1s',
  sending_queue: { storage, queue_size: 100_000 },
  retry_on_failure: { initial_interval: '50ms', max_interval: '200ms' },
};

interface PushOptions {
  readonly port: number;
  /** The exporter beside `prometheus`, with its settings. */
  readonly exporter: Readonly<Record<string, object>>;
  readonly processors?: Readonly<Record<string, object>>;
  /** Receivers beside `http`. */
  readonly receivers?: Readonly<Record<string, object>>;
  /** Where the queue is. */
  readonly directory?: string;
}

/** Returns a configuration that takes runs by HTTP and hands them on to an exporter, with its page on the same port. */
export function pushConfig({
  port,
  exporter,
  processors = valuation,
  receivers: others = {},
  directory = './queues',
}: PushOptions): object {
  const receivers = { http: { endpoint: `127.0.0.1:${port}` }, ...others };
  const exporters = { prometheus: { endpoint: `127.0.0.1:${port}` }, ...exporter };
  const namesOf = (components: object) => Object.keys(components);
  const metrics = { receivers: namesOf(receivers), processors: namesOf(processors), exporters: namesOf(exporters) };
  return {
    extensions: { [storage]: { directory } },
    ...{ receivers, processors, exporters },
    service: { extensions: [storage], pipelines: { metrics } },
  };
}

interface Trial {
  readonly suite: string;
  readonly random: Random;
  readonly port: number;
  /** All processes on the way to the store, the one that the senders know first, by the exporters with a queue. */
  readonly victims: Readonly<Record<string, Victim>>;
  readonly store: string;
  readonly withSamples: boolean;
  /** Where the queues are, if not in the folders of the processes. */
  readonly queues?: string;
  /** Kills the processes; `taken` counts the runs that were acknowledged. */
  readonly kill: (taken: () => number) => Promise<void>;
  /** Makes trouble until the signal, and ends it then. */
  readonly disturb: (calm: AbortSignal) => Promise<void>;
}

/** Sends runs while processes are killed and disturbed, and expects each that was acknowledged in the store, once. */
export async function expectAllDelivered(trial: Trial): Promise<void> {
  const { suite, random, port, store, withSamples, queues, kill, disturb } = trial;
  const victims = Object.entries(trial.victims);
  const senders = new RunSenders(port, random);
  const calm = new AbortController();
  const disturbing = disturb(calm.signal);
  disturbing.catch(() => {});
  try {
    await kill(() => senders.acknowledged);
  } finally {
    calm.abort();
  }
  await disturbing;
  const runs = await senders.stop();
  let aside = 0;
  for (const [exporter, victim] of victims) aside += await victim.emptied(exporter, queues);
  const figures = await expectStored(store, runs, withSamples);
  const kills = victims.reduce((sum, [, victim]) => sum + victim.kills, 0);
  expect(runs).toBeGreaterThan(kills);
  report(suite, { kills, runs, 'put aside and sent again': aside, ...figures });
}
