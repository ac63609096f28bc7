import { it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { pushed } from '../kit/simulated-hour/kinds.ts';
import {
  expectTruth,
  hourThatEnds,
  metricsAt,
  postScrapes,
  type Replayed,
  replayedHour,
  startCounting,
} from '../kit/simulated-hour/replay.ts';

/** Each takes what some machines send, and sends it on in one request. */
const GATEWAYS = 10;

it('an hour of 100 machines that is sent is counted as it was', { timeout: 180_000 }, async () => {
  const port = await freePort();
  const wattline = await startCounting(port, { http: { endpoint: `127.0.0.1:${port}` } });
  try {
    const all = replayedHour(pushed);
    const hour = hourThatEnds();
    const gateways = Map.groupBy(all.entries(), ([i]) => i % GATEWAYS);
    await Promise.all(
      [...gateways.values()].map((behind) =>
        post(
          port,
          hour,
          behind.map(([, one]) => one),
        ),
      ),
    );
    expectTruth(await metricsAt(port), all);
  } finally {
    await wattline.stop();
  }
});

/** Sends what arrives of some machines, one request after the other. */
async function post(port: number, hour: number, machines: readonly Replayed[]): Promise<void> {
  const arriving = machines.map(({ deliveries }) => deliveries.filter(({ fate }) => fate !== 'lost'));
  const most = Math.max(...arriving.map(({ length }) => length));
  for (let i = 0; i < most; i++) {
    const scrapes = arriving.flatMap((deliveries) => deliveries[i]?.scrape ?? []);
    await postScrapes(port, scrapes, hour);
  }
}
