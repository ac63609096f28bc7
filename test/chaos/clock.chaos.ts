import { existsSync, globSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers } from '../kit/peers.ts';
import { temporaryFolder } from '../kit/temporary-folder.ts';
import { choicesOf, killsOf } from './chaos.ts';
import { FaultProxy } from './fault-proxy.ts';
import { expectAllDelivered, pushConfig, stored } from './push.ts';
import { startStore } from './stored-points.ts';
import { Victim } from './victim.ts';

const SUITE = 'a clock that steps';
/** Seconds from the right time. */
const HOUR = 3600;
const OFFSETS = [0, -HOUR, HOUR, -30, 30];
/** Milliseconds in which something is tried again. */
const RETRIES = 1000;
const SHARED_MEMORY = '/dev/shm';

describeWithPeers(SUITE, ['victoria-metrics', 'faketime'], () => {
  it('back and forth by an hour loses nothing, and keeps nothing waiting', async () => {
    const random = choicesOf(SUITE);
    const store = await startStore();
    const proxy = await new FaultProxy(store.url).start();
    const folder = await temporaryFolder();
    const offset = join(folder.path, 'offset');
    const step = (seconds: number) => writeFileSync(offset, seconds < 0 ? String(seconds) : `+${seconds}`);
    step(0);
    const port = await freePort();
    const exporter = { victoriametrics: { ...stored, endpoint: proxy.url } };
    const env = { ...libfaketime(), FAKETIME_TIMESTAMP_FILE: offset };
    const victim = await Victim.start({ port, config: pushConfig({ port, exporter }), env });
    try {
      await expectAllDelivered({
        ...{ suite: SUITE, random, port, store: store.url, withSamples: false },
        victims: { victoriametrics: victim },
        kill: (taken) => victim.killAtRandom(random, killsOf(6), taken),
        async disturb(calm) {
          const storming = proxy.storm(random, calm);
          while (!calm.aborted) {
            await sleep(random.between(50, 500));
            step(random.pick(OFFSETS));
          }
          await storming;
          // What waits at this moment to be tried again must not wait for an hour.
          await victim.ready();
          step(HOUR);
          await proxy.turnTo(503);
          await sleep(RETRIES);
          step(-HOUR);
          await proxy.turnTo('none');
        },
      });
      await expectClock(port, -HOUR);
    } finally {
      await victim.stop();
      await proxy.stop();
      await store.stop();
      await folder.remove();
      removeLeftOvers();
    }
  });
});

/** Returns the environment in which a process has the clock of a file, and the right one for all that waits. */
function libfaketime(): Record<string, string> {
  const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
  if (!library) throw new Error('libfaketimeMT.so.1 is not in /usr/lib; install Debian’s package libfaketime');
  return { LD_PRELOAD: library, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}

/** Expects a process to have a clock that is so many seconds off. */
async function expectClock(port: number, offset: number): Promise<void> {
  const error = async () => {
    const { headers } = await fetch(`http://127.0.0.1:${port}/health`);
    return Math.abs(Date.parse(headers.get('date') as string) / 1000 - (Date.now() / 1000 + offset));
  };
  await expect.poll(error).toBeLessThan(60);
}

/** Removes the shared memory of processes that were killed, which libfaketime leaves. */
function removeLeftOvers(): void {
  for (const name of readdirSync(SHARED_MEMORY)) {
    const id = /^(?:sem\.)?faketime_\w*?(\d+)$/.exec(name)?.[1];
    if (id && !existsSync(`/proc/${id}`)) rmSync(join(SHARED_MEMORY, name), { force: true });
  }
}
