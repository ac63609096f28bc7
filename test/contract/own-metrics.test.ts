import { readFileSync } from 'node:fs';
import { globSync } from 'tinyglobby';
import { beforeAll, describe, expect, it } from 'vitest';
import { projectRoot } from '../kit/checkout.ts';
import { type OwnMetric, ownMetrics, withTable } from '../kit/own-metrics.ts';

const README = `${projectRoot}/deploy/README.md`;
/** Metrics of runs that are named like own ones. */
const OF_RUNS = ['wattline_filled_power_watts', 'wattline_filled_cpu_cores'];
/** What `wattline advise` prints is no metric of a running process; its README has the table. */
const ADVICE = readFileSync(`${projectRoot}/src/advice/README.md`, 'utf8');

let metrics: OwnMetric[];
beforeAll(async () => {
  metrics = await ownMetrics();
});

describe('the table of own metrics', () => {
  /** To write it anew: `npx vitest run test/contract/own-metrics.test.ts -u`. */
  it('is what the code makes', async () => {
    await expect(withTable(readFileSync(README, 'utf8'), metrics)).toMatchFileSnapshot(README);
  });

  it('has every metric that the code names', () => {
    const files = globSync(['src/**/*.ts', 'plugins/**/*.ts'], { cwd: projectRoot, ignore: '**/*.test.ts' });
    const named = files.flatMap((file) =>
      [...readFileSync(`${projectRoot}/${file}`, 'utf8').matchAll(/['"`]((?:otelcol|wattline)_[a-z0-9_]+)['"`]/g)].map(
        ([, name]) => name as string,
      ),
    );
    const documented = metrics.map(({ name }) => name);
    const isDocumented = (name: string) =>
      documented.includes(name) || documented.includes(`${name}_total`) || ADVICE.includes(`| \`${name}\` |`);
    expect(new Set(named).size).toBeGreaterThan(20);
    expect([...new Set(named)].filter((name) => !isDocumented(name) && !OF_RUNS.includes(name))).toEqual([]);
  });

  it('has a meaning for each', () => {
    expect(metrics.filter(({ description }) => description === '')).toEqual([]);
  });
});
