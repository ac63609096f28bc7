import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { allTaken, Run } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { type FiguredRun, figuredRun } from '../../../test/kit/figured-run.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import type { Row } from './column-rules.ts';
import { csvFormat } from './file-formats.ts';
import plugin from './index.ts';

const { signal } = new AbortController();
const START = Date.UTC(2025, 11, 28, 18) / 1000;

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

async function started(settings: object = {}) {
  const context = createTestContext({ directory: folder.path });
  const exporter = plugin.create(context.ctx, plugin.configSchema.parse({ directory: 'costs', ...settings }));
  if (!('send' in exporter)) throw new Error('it has no queue');
  await exporter.start?.(signal);
  return { ...context, exporter };
}

const runOf = (more: Partial<FiguredRun> = {}): Run =>
  figuredRun({ scenario: 'a', start: START, end: START + 60, power: [10, 20], energyUsd: 0.001, ...more });

async function rows(): Promise<Row[]> {
  return (await csvFormat.decode(await readFile(join(folder.path, 'costs/focus-2025-12-28.csv')))) as Row[];
}

it('writes to a directory beside its configuration, one file at a time', async () => {
  const { exporter, logs } = await started();
  expect(exporter.queue).toMatchObject({ num_consumers: 1, queue_size: 1000, maxRuns: 500 });
  expect(await exporter.send([runOf(), runOf({ scenario: 'b' })], signal)).toEqual(allTaken);
  expect((await rows()).map(({ EffectiveCost }) => EffectiveCost)).toEqual([0.001, 0.001]);
  expect(logs).toEqual([`info: writing FOCUS rows to ${join(folder.path, 'costs')}`]);
});

it('writes Parquet where that is configured', async () => {
  const { exporter } = await started({ format: 'parquet' });
  await exporter.send([runOf()], signal);
  expect(await readdir(join(folder.path, 'costs'))).toContain('focus-2025-12-28.parquet');
});

it('takes what has no cost, and counts it once however often it is tried', async () => {
  const { exporter, skips } = await started();
  const bare = Run.of({ scenario: 'bare' });
  await exporter.send([bare], signal);
  await exporter.send([bare], signal);
  expect(skips.map(({ item, reason }) => [item, reason])).toEqual([['run', 'no_cost']]);
  expect(await readdir(join(folder.path, 'costs'))).toHaveLength(1);
});

it('counts what it has skipped of a run that is refused once, however often it is tried', async () => {
  const { exporter, skips } = await started();
  const bad = runOf({ energyUsd: -0.001, computeUsd: 1 });
  for (let i = 0; i < 2; i++) expect((await exporter.send([bad], signal)).refused).toHaveLength(1);
  expect(skips.map(({ item, reason }) => [item, reason])).toEqual([['cost_compute_load_aware', 'no_quantity']]);
});

it('refuses a run whose row would break a rule, writes nothing of it, and writes the others', async () => {
  const { exporter } = await started();
  const bad = runOf({ scenario: 'b', energyUsd: -0.001 });
  const { refused, deferred } = await exporter.send([bad, runOf()], signal);
  const message = expect.stringMatching(/^b has no valid FOCUS row of energy: /);
  expect(refused).toEqual([{ run: bad, reason: 'invalid_row', message }]);
  expect(deferred).toEqual([]);
  expect((await rows()).map(({ EffectiveCost }) => EffectiveCost)).toEqual([0.001]);
});

it('writes nothing where every run is refused', async () => {
  const { exporter } = await started();
  const { refused } = await exporter.send([runOf({ energyUsd: -0.001 })], signal);
  expect(refused).toHaveLength(1);
  expect(await readdir(join(folder.path, 'costs'))).toHaveLength(1);
});

it('says where a cost that stood there is another now, and not where it is the same', async () => {
  const { exporter, logs } = await started();
  await exporter.send([runOf()], signal);
  await exporter.send([runOf(), runOf({ scenario: 'b' })], signal);
  expect(logs).toHaveLength(1);
  await exporter.send([runOf({ energyUsd: 0.002 })], signal);
  expect(logs[1]).toBe('warn: replaced rows by ones of another cost, such as Energy of a (estimate) of 0.001 USD');
  expect((await rows()).map(({ EffectiveCost }) => EffectiveCost).sort()).toEqual([0.001, 0.002]);
});

it('refuses what FOCUS does not allow', () => {
  const problems = plugin.configSchema.safeParse({ directory: '', service_category: 'Video', provider_name: ' ' });
  expect(problems.error?.issues.map(({ path }) => path[0]).sort()).toEqual([
    'directory',
    'provider_name',
    'service_category',
  ]);
});
