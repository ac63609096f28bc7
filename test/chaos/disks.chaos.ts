import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers } from '../kit/peers.ts';
import type { Random } from '../kit/random-numbers.ts';
import { choicesOf, killsOf } from './chaos.ts';
import { FailingDisk, failingDisksLack } from './failing-disk.ts';
import { FaultProxy } from './fault-proxy.ts';
import { expectAllDelivered, pushConfig, stored } from './push.ts';
import { startStore } from './stored-points.ts';
import { Victim } from './victim.ts';

const SUITE = 'queues on disks';
const MIB = 8;
/** Bytes. */
const LEFT_OVER = 512;

describeWithPeers(
  SUITE,
  ['victoria-metrics', 'mkfs.ext4'],
  () => {
    it('that are full again and again lose nothing that was acknowledged', async () => {
      await onDisk(
        'full',
        async ({ random, proxy, disk, calm }) => {
          const storming = proxy.storm(random, calm);
          while (!calm.aborted) {
            await sleep(random.between(100, 800));
            const filler = join(disk.path, 'filler');
            fill(filler);
            await sleep(random.between(100, 1500));
            rmSync(filler);
          }
          await storming;
        },
        ({ victim, random, taken }) => victim.killAtRandom(random, killsOf(5), taken),
      );
    });

    it('that become read-only lose nothing that was acknowledged', async () => {
      await onDisk(
        'read-only',
        ({ random, proxy, calm }) => proxy.storm(random, calm),
        async ({ victim, random, disk, taken }) => {
          for (let kills = killsOf(5); kills > 0; kills--) {
            await victim.takesMore(random, taken);
            disk.fail();
            await sleep(random.between(0, 800));
            await victim.kill();
            if (random.chance(0.5)) {
              victim.restart();
              await sleep(random.between(0, 1500));
              await victim.killIfAlive();
            }
            disk.mend();
            victim.restart();
          }
        },
      );
    });
  },
  failingDisksLack(),
);

interface Stage {
  readonly random: Random;
  readonly proxy: FaultProxy;
  readonly disk: FailingDisk;
  readonly calm: AbortSignal;
}

interface Killing {
  readonly victim: Victim;
  readonly random: Random;
  readonly disk: FailingDisk;
  readonly taken: () => number;
}

/** Sends runs to a Wattline whose queue is on a small disk. */
async function onDisk(
  trouble: string,
  disturb: (stage: Stage) => Promise<void>,
  kill: (killing: Killing) => Promise<void>,
): Promise<void> {
  const suite = `${SUITE}, ${trouble}`;
  const random = choicesOf(suite);
  const disk = new FailingDisk(MIB);
  const store = await startStore();
  const proxy = await new FaultProxy(store.url).start();
  const port = await freePort();
  const exporter = { victoriametrics: { ...stored, endpoint: proxy.url } };
  const directory = join(disk.path, 'queues');
  const victim = await Victim.start({ port, config: pushConfig({ port, exporter, directory }) });
  try {
    // A queue that is not there yet cannot be made on a full disk.
    await victim.ready();
    await expectAllDelivered({
      ...{ suite, random, port, store: store.url, withSamples: false, queues: directory },
      victims: { victoriametrics: victim },
      kill: (taken) => kill({ victim, random, disk, taken }),
      disturb: (calm) => disturb({ random, proxy, disk, calm }),
    });
  } finally {
    await victim.stop();
    disk.remove();
    await proxy.stop();
    await store.stop();
  }
}

/** Writes a file until there is no space left. */
function fill(file: string): void {
  for (let size = MIB * 1024 * 1024; size >= LEFT_OVER; ) {
    try {
      writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch {
      size = Math.floor(size / 2);
    }
  }
}
