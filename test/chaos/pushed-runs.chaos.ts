import { it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { choicesOf, killsOf } from './chaos.ts';
import { FaultProxy } from './fault-proxy.ts';
import { expectAllDelivered, pushConfig, stored } from './push.ts';
import { startStore } from './stored-points.ts';
import { Victim } from './victim.ts';

const SUITE = 'runs by http to victoriametrics';

describeWithPeers(SUITE, ['victoria-metrics'], () => {
  it('arrive, each once, over kills and faults of the network', async () => {
    const random = choicesOf(SUITE);
    const store = await startStore();
    const proxy = await new FaultProxy(store.url).start();
    const port = await freePort();
    const exporter = { victoriametrics: { ...stored, endpoint: proxy.url, include_samples: true } };
    const victim = await Victim.start({ port, config: pushConfig({ port, exporter }) });
    try {
      await expectAllDelivered({
        ...{ suite: SUITE, random, port, store: store.url, withSamples: true },
        victims: { victoriametrics: victim },
        kill: (taken) => victim.killAtRandom(random, killsOf(20), taken),
        disturb: (calm) => proxy.storm(random, calm),
      });
    } finally {
      await victim.stop();
      await proxy.stop();
      await store.stop();
    }
  });
});
