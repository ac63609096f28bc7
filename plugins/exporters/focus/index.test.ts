import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Batch, makeRun, RejectedError } from 'wattline/plugin';
import { createTestContext } from '../../../test/kit/context.ts';
import { type FiguredRun, figuredRun } from '../../../test/kit/figured-run.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import type { Row } from './column-rules.ts';
import { csvFormat } from './csv-format.ts';
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

const runOf = (more: Partial<FiguredRun> = {}): Batch =>
  figuredRun({ scenario: 'a', start: START, end: START + 60, power: [10, 20], energyUsd: 0.001, ...more });

async function rows(): Promise<Row[]> {
  return (await csvFormat.decode(await readFile(join(folder.path, 'costs/focus-2025-12-28.csv')))) as Row[];
}

it('writes to a directory beside its configuration, one file at a time', async () => {
  const { exporter, logs } = await started();
  expect(exporter.queue).toMatchObject({ consumers: 1, queueSize: 1000, maxBatches: 500 });
  await exporter.send([runOf(), runOf({ scenario: 'b' })], signal);
  expect((await rows()).map(({ EffectiveCost }) => EffectiveCost)).toEqual([0.001, 0.001]);
  expect(logs).toEqual([`info: writing FOCUS rows to ${join(folder.path, 'costs')}`]);
});

it('writes Parquet where that is asked for', async () => {
  const { exporter } = await started({ format: 'parquet' });
  await exporter.send([runOf()], signal);
  expect(await readdir(join(folder.path, 'costs'))).toContain('focus-2025-12-28.parquet');
});

it('takes what has no cost, and counts it once however often it is tried', async () => {
  const { exporter, skips } = await started();
  const bare = makeRun({ scenario: 'bare' }, 'test', []);
  await exporter.send([bare], signal);
  await exporter.send([bare], signal);
  expect(skips.map(({ item, reason }) => [item, reason])).toEqual([['run', 'no_cost']]);
  expect(await readdir(join(folder.path, 'costs'))).toHaveLength(1);
});

it('rejects a run whose row would break a rule, and writes nothing of the request', async () => {
  const { exporter } = await started();
  const sent = exporter.send([runOf(), runOf({ scenario: 'b', energyUsd: -0.001 })], signal);
  await expect(sent).rejects.toBeInstanceOf(RejectedError);
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
