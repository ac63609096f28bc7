import { expect, it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { Random } from '../kit/random-numbers.ts';
import { deliveriesOf, type Scrape } from '../kit/simulated-hour/deliveries.ts';
import { cards, hostMetrics, type Kind, plug, processes } from '../kit/simulated-hour/kinds.ts';
import { MINUTE } from '../kit/simulated-hour/load.ts';
import type { Machine } from '../kit/simulated-hour/machine.ts';
import { undisturbed } from '../kit/simulated-hour/machines.ts';
import {
  EXACT,
  hourThatEnds,
  MAX_GAP,
  metricsAt,
  postScrapes,
  seed,
  startCounting,
  sumOf,
} from '../kit/simulated-hour/replay.ts';
import { truthOf } from '../kit/simulated-hour/truth.ts';

/** What the answers say of them. */
const REFUSAL = 'goes back and forth';
/** When the second sender comes. */
const SECOND = 20 * MINUTE;

/** A kind of machines of which two share one name, and what the counters of both show when the hour begins. */
const pairs: readonly (readonly [name: string, kind: Kind, first: number, second: number])[] = [
  ['two hosts without a name', hostMetrics, 1e6, 6e5],
  ['two meters that are near each other', plug, 3e7, 2.94e7],
  ['two cards of one number', cards, 1e8, 3e8],
  ['two processes that are told apart by their starts alone', processes, 1e5, 5e4],
];

it('two senders of one name are counted as the first alone until the second comes', { timeout: 120_000 }, async () => {
  const random = new Random(seed);
  const port = await freePort();
  const wattline = await startCounting(port, { http: { endpoint: `127.0.0.1:${port}` } });
  try {
    const hour = hourThatEnds();
    const cases = pairs.map(([name, kind, before, other]) => {
      const first = undisturbed(random, kind, name, 5000, before);
      const second = undisturbed(random, kind, name, 35_000, other);
      const others = scrapesOf(random, second).filter(({ at }) => at > SECOND);
      return { name, first, alone: scrapesOf(random, first), others };
    });
    await Promise.all(
      cases.map(async ({ alone, others }) => {
        for (const scrape of [...alone, ...others].sort((a, b) => a.at - b.at))
          await postScrapes(port, [scrape], hour, REFUSAL);
      }),
    );
    const metrics = await metricsAt(port);
    for (const { name, first, alone, others } of cases) {
      const truthAt = (time: number) => {
        const before = alone.filter(({ at }) => at < time).map((scrape) => ({ scrape, fate: 'arrives' as const }));
        return truthOf(first, before, MAX_GAP);
      };
      // Until the second has come twice it may have been a reading that is wrong.
      const [come, again] = others.map(({ at }) => truthAt(at));
      const { figure, used } = come as ReturnType<typeof truthOf>;
      const counted = sumOf(metrics, figure, { scenario: name });
      const skipped = sumOf(metrics, 'wattline_skipped_total', { reason: 'interleaved_senders' });
      const what = `${name}: ${counted} for ${used}, REPLAY_SEED=${seed}`;
      expect.soft(counted, what).toBeGreaterThanOrEqual(used * (1 - EXACT));
      expect.soft(counted, what).toBeLessThanOrEqual((again?.used ?? used) * (1 + EXACT));
      expect.soft(skipped, what).toBeGreaterThan(0);
    }
  } finally {
    await wattline.stop();
  }
});

function scrapesOf(random: Random, machine: Machine): Scrape[] {
  return deliveriesOf(random, machine)
    .filter(({ fate }) => fate === 'arrives')
    .map(({ scrape }) => scrape);
}
