import { appendFileSync, mkdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Sample } from '../kit/exposition.ts';
import { freePort } from '../kit/free-port.ts';
import { describeWithPeers } from '../kit/peers.ts';
import type { Random } from '../kit/random-numbers.ts';
import { choicesOf, killsOf, report } from './chaos.ts';
import { figuresOf, type NumberedRun, numberedRun, pointKey, resultsRun, valuation } from './numbered-runs.ts';
import { expectStored, exportSeries, startStore } from './stored-points.ts';
import { Victim } from './victim.ts';

const SUITE = 'runs in files';
const RUNS = 10_000;
/** How many runs of a file are under way at once, and so may be sent again after a kill. */
const CHUNK = 256;
const POINTS = 4;
const FOLDER = 'results';
const GROWING = 'growing';
/** Milliseconds. */
const STARTING = 500;
const MOMENT = 5;
const PATIENCE = 2000;
const EXACT = 1e-11;

/** Each has a scenario of its own, so that a page has all of them. */
const runOf = (number: number): NumberedRun => numberedRun(number, RUNS);

describeWithPeers(SUITE, ['victoria-metrics'], () => {
  it('arrive once over kills where they are stored, and are all on the page of the last process', async () => {
    const random = choicesOf(SUITE);
    const kills = killsOf(100);
    const store = await startStore();
    const port = await freePort();
    const victim = await Victim.start({ port, config: fileConfig(port, store.url) });
    try {
      const folder = join(victim.folder, FOLDER);
      mkdirSync(folder);
      const files = new ResultsFiles(folder, random);
      while (victim.kills < kills) {
        files.writeUpTo(Math.floor(((victim.kills + 1) / kills) * RUNS));
        if (random.chance(0.25)) await sleep(random.between(0, STARTING));
        else {
          await victim.ready();
          // Some are killed while they send, others when all has been sent, or as much as is in a while.
          const points = random.chance(0.7) ? random.integer(1, (POINTS * RUNS) / kills) : Number.POSITIVE_INFINITY;
          const end = performance.now() + PATIENCE;
          while (performance.now() < end && (await sentPoints(port)) < points) await sleep(MOMENT);
        }
        await victim.kill();
        victim.restart();
      }
      await victim.ready();
      const counts = async () => {
        const ofMetric = ({ name }: Sample) => name === 'cost_total_load_aware';
        const stored = await exportSeries(store.url, 'cost_total_load_aware');
        return { stored: stored.length, shown: (await victim.metrics()).filter(ofMetric).length };
      };
      await expect.poll(counts, { timeout: 120_000, interval: 1000 }).toEqual({ stored: RUNS, shown: RUNS });
      const { again, ...figures } = await expectStored(store.url, RUNS, false, runOf);
      expectShown(await victim.metrics());
      report(SUITE, { kills, runs: RUNS, ...figures, 'runs sent again': again / POINTS });
      expect(again).toBeLessThanOrEqual(CHUNK * POINTS * kills);
    } finally {
      await victim.stop();
      await store.stop();
    }
  });
});

/** Returns how many points the present process has stored. */
async function sentPoints(port: number): Promise<number> {
  const status = (await (await fetch(`http://127.0.0.1:${port}/status`)).json()) as Status;
  const stages = status.pipelines.flatMap((pipeline) => pipeline.stages);
  return stages.find(({ id }) => id === 'victoriametrics')?.points?.out ?? 0;
}

interface Status {
  readonly pipelines: readonly { readonly stages: readonly { id: string; points?: { out?: number } }[] }[];
}

/** Expects a page to have the figures of all runs. */
function expectShown(samples: readonly Sample[]): void {
  const shown = new Map(samples.map(({ name, labels, value }) => [pointKey(name, String(labels.scenario), 0), value]));
  const wrong: string[] = [];
  for (let number = 0; number < RUNS; number++) {
    const { scenario } = runOf(number);
    for (const [metric, value] of figuresOf(runOf(number))) {
      const found = shown.get(pointKey(metric, scenario, 0)) ?? Number.NaN;
      if (!(Math.abs(found / value - 1) < EXACT)) wrong.push(`${metric} of ${scenario}: ${found}, not ${value}`);
    }
  }
  expect(wrong.slice(0, 10)).toEqual([]);
}

/** Files of results as programs leave them: new ones, one that grows and is rotated, and some that are renamed or touched. */
class ResultsFiles {
  readonly #folder: string;
  readonly #random: Random;
  readonly #names: string[] = [];
  #written = 0;
  #made = 0;

  constructor(folder: string, random: Random) {
    this.#folder = folder;
    this.#random = random;
  }

  /** Writes the runs below a number that are not written yet, and does something to a file that is there. */
  writeUpTo(number: number): void {
    while (this.#written < number) {
      const count = Math.min(number - this.#written, this.#random.integer(1, 2 * CHUNK));
      const runs = Array.from({ length: count }, () => resultsRun(runOf(this.#written++)));
      if (this.#random.chance(0.3)) {
        appendFileSync(this.#path(GROWING), runs.map((run) => `${JSON.stringify(run)}\n`).join(''));
        if (this.#random.chance(0.2)) this.#rename(GROWING);
      } else writeFileSync(this.#path(this.#newName()), JSON.stringify({ scenarios: runs }));
    }
    if (this.#names.length === 0) return;
    if (this.#random.chance(0.5)) utimesSync(this.#path(this.#random.pick(this.#names)), new Date(), new Date());
    else this.#rename(this.#names.splice(this.#random.integer(0, this.#names.length - 1), 1)[0] as string);
  }

  #rename(name: string): void {
    renameSync(this.#path(name), this.#path(this.#newName()));
  }

  #newName(): string {
    const name = `results ${this.#made++}`;
    this.#names.push(name);
    return name;
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}

function fileConfig(port: number, url: string): object {
  const storage = 'file_storage';
  return {
    extensions: { [storage]: { directory: './state' }, status: { endpoint: `127.0.0.1:${port}` } },
    receivers: { file: { include: [`./${FOLDER}/*.json`], poll_interval: '50ms', storage } },
    processors: valuation,
    exporters: {
      prometheus: { endpoint: `127.0.0.1:${port}` },
      victoriametrics: { endpoint: url, retry_on_failure: { initial_interval: '50ms', max_interval: '200ms' } },
    },
    service: {
      extensions: [storage, 'status'],
      pipelines: {
        metrics: {
          receivers: ['file'],
          processors: Object.keys(valuation),
          exporters: ['prometheus', 'victoriametrics'],
        },
      },
    },
  };
}
