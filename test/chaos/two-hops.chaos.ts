import { it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { choicesOf, killsOf } from './chaos.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { FaultProxy } from './fault-proxy.ts';
import { expectAllDelivered, pushConfig, stored } from './push.ts';
import { startStore } from './stored-points.ts';
import { Victim } from './victim.ts';

const SUITE = 'runs by OTLP over another Wattline';

describeWithPeers(SUITE, ['victoria-metrics'], () => {
  it.each(['proto', 'json'])('arrive, each once, over kills of both, encoding %s', async (encoding) => {
    const random = choicesOf(`${SUITE} ${encoding}`);
    const store = await startStore();
    const [port, next] = [await freePort(), await freePort()];
    const proxy = await new FaultProxy(`http://127.0.0.1:${next}`).start();
    const exporter = { victoriametrics: { ...stored, endpoint: store.url } };
    const second = await Victim.start({ port: next, config: pushConfig({ port: next, exporter }) });
    const toSecond = { otlphttp: { ...stored, endpoint: proxy.url, encoding } };
    const first = await Victim.start({ port, config: pushConfig({ port, exporter: toSecond, processors: {} }) });
    await expectDelivered({ way: encoding, exporter: 'otlphttp', random, port, store, proxy, first, second });
  });

  it('arrive, each once, over kills of both and cut connections, by gRPC', async () => {
    const random = choicesOf(`${SUITE} grpc`);
    const store = await startStore();
    const [port, next, grpc] = [await freePort(), await freePort(), await freePort()];
    const proxy = new CuttingProxy(grpc);
    const endpoint = await proxy.start();
    const exporter = { victoriametrics: { ...stored, endpoint: store.url } };
    const receivers = { otlp: { protocols: { grpc: { endpoint: `127.0.0.1:${grpc}` } } } };
    const second = await Victim.start({ port: next, config: pushConfig({ port: next, exporter, receivers }) });
    const toSecond = { otlp: { ...stored, endpoint, tls: { insecure: true } } };
    const first = await Victim.start({ port, config: pushConfig({ port, exporter: toSecond, processors: {} }) });
    await expectDelivered({ way: 'gRPC', exporter: 'otlp', random, port, store, proxy, first, second });
  });
});

interface TwoHops {
  /** How the first sends to the second, for what is printed, and by which exporter. */
  readonly way: string;
  readonly exporter: string;
  readonly random: ReturnType<typeof choicesOf>;
  /** Where the first takes runs. */
  readonly port: number;
  readonly store: Awaited<ReturnType<typeof startStore>>;
  readonly proxy: FaultProxy | CuttingProxy;
  readonly first: Victim;
  readonly second: Victim;
}

/** Expects that all runs arrive over kills of both and faults between them, and stops everything. */
async function expectDelivered({ way, exporter, random, port, store, proxy, first, second }: TwoHops): Promise<void> {
  try {
    await expectAllDelivered({
      ...{ suite: `${SUITE}, ${way}`, random, port, store: store.url, withSamples: false },
      victims: { [exporter]: first, victoriametrics: second },
      async kill(taken) {
        await Promise.all([first, second].map((victim) => victim.killAtRandom(random, killsOf(3), taken)));
      },
      disturb: (calm) => proxy.storm(random, calm),
    });
  } finally {
    for (const victim of [first, second]) await victim.stop();
    await proxy.stop();
    await store.stop();
  }
}
