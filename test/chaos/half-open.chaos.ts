import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { startProcess } from '../kit/child-process.ts';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { choicesOf, killsOf } from './chaos.ts';
import { FarNetwork, networksLack } from './far-network.ts';
import { expectAllDelivered, pushConfig, stored } from './push.ts';
import { storeFlags } from './stored-points.ts';
import { Victim } from './victim.ts';

const SUITE = 'connections that are half open';
const STORE_PORT = 8428;

describeWithPeers(
  SUITE,
  ['victoria-metrics', 'ip'],
  () => {
    it('end in time, and what went into them is sent again', async () => {
      const random = choicesOf(SUITE);
      const network = new FarNetwork();
      const url = `http://${network.address}:${STORE_PORT}`;
      const folder = await temporaryFolder();
      const flags = [...storeFlags, `-storageDataPath=${folder.path}`, `-httpListenAddr=:${STORE_PORT}`];
      const [program, ...args] = network.command('victoria-metrics', ...flags);
      const store = startProcess(program, args);
      const port = await freePort();
      const exporter = { victoriametrics: { ...stored, endpoint: url, include_samples: true } };
      const victim = await Victim.start({ port, config: pushConfig({ port, exporter }) });
      try {
        await store.waitFor(`${url}/health`);
        await expectAllDelivered({
          ...{ suite: SUITE, random, port, store: url, withSamples: true },
          victims: { victoriametrics: victim },
          async kill(taken) {
            await victim.killAtRandom(random, killsOf(6), taken);
            await expect.poll(() => victim.output).toMatch(/no answer from \S+ within 1 s/);
          },
          async disturb(calm) {
            while (!calm.aborted) {
              await sleep(random.between(100, 1000));
              const mend = random.pick([network.cut, network.deafen])();
              await sleep(random.between(300, 3000));
              mend();
            }
          },
        });
      } finally {
        await victim.stop();
        await store.stop('SIGTERM');
        network.remove();
        await folder.remove();
      }
    });
  },
  networksLack(),
);
