import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { freePort } from '../kit/free-port.ts';
import { choicesOf, killsOf, report } from './chaos.ts';
import { numberedRun, pointKey, pointsOf } from './numbered-runs.ts';
import { pushConfig } from './push.ts';
import { RunSenders } from './senders.ts';
import { Victim } from './victim.ts';

const SUITE = 'rows of focus';
const DIRECTORY = 'rows';
const EXACT = 1e-11;

it(`${SUITE} stand in the files once, beside what debug prints, over kills`, async () => {
  const random = choicesOf(SUITE);
  const port = await freePort();
  const exporter = { focus: { directory: `./${DIRECTORY}` }, debug: { summary: false } };
  const victim = await Victim.start({ port, config: pushConfig({ port, exporter }) });
  try {
    const senders = new RunSenders(port, random);
    await victim.killAtRandom(random, killsOf(6), () => senders.acknowledged);
    const runs = await senders.stop();
    const costs = new Map<string, number>();
    let twice = 0;
    for (const { ChargePeriodEnd, Tags, SkuId, EffectiveCost } of rowsIn(join(victim.folder, DIRECTORY))) {
      const metric = `cost_${SkuId}_load_aware`;
      const key = pointKey(metric, JSON.parse(Tags as string).scenario, Date.parse(ChargePeriodEnd as string));
      if (costs.has(key)) twice++;
      costs.set(key, Number(EffectiveCost));
    }
    expect(twice).toBe(0);
    const wrong: string[] = [];
    let expected = 0;
    for (let number = 0; number < runs; number++) {
      for (const [key, cost] of pointsOf(numberedRun(number), false)) {
        if (!/^cost_(energy|compute)_/.test(key)) continue;
        expected++;
        if (!(Math.abs((costs.get(key) ?? Number.NaN) / cost - 1) < EXACT))
          wrong.push(`${key}: ${costs.get(key)}, not ${cost}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(costs.size).toBe(expected);
    expect(victim.output).toContain('cost_');
    report(SUITE, { kills: victim.kills, runs, rows: costs.size, twice });
  } finally {
    await victim.stop();
  }
});

function rowsIn(folder: string): Record<string, string>[] {
  return globSync(join(folder, '*.csv')).flatMap(
    (file) => parse(readFileSync(file), { columns: true }) as Record<string, string>[],
  );
}
