import { copyFile, readdir, readFile, rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startProcess } from '../../../test/kit/child-process.ts';
import { twoRuns, twoRunsFigures } from '../../../test/kit/results.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import { runWattline } from '../../../test/kit/wattline-process.ts';
import { problemsOf, type Row } from './column-rules.ts';
import { csvFormat, parquetFormat } from './file-formats.ts';

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));
const GOLDEN = new URL('./golden/two-runs.csv', import.meta.url);

const configuration = (more = '') => `
receivers:
  file: { include: [./results/test_results_*.json], poll_interval: 50ms }
processors:
  energy: ${more || '{ }'}
  cost: { region: us-east-1, usd_per_core_hour: 0.50 }
  co2: { region: us-east-1 }
exporters:
  focus/csv: { directory: ./focus }
  focus/parquet: { directory: ./focus, format: parquet }
service:
  pipelines:
    metrics: { receivers: [file], processors: [energy, cost, co2], exporters: [focus/csv, focus/parquet] }
`;

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder({ 'wattline.yaml': configuration() });
});
afterEach(() => folder.remove());

const runOnce = () => runWattline(['run', '--once', '--config', join(folder.path, 'wattline.yaml')]);
const inFocus = (name: string) => join(folder.path, 'focus', name);

/** What is in the directory by name, read as its format says; what is being written is left out. */
async function written(): Promise<Map<string, Row[]>> {
  const names = await readdir(join(folder.path, 'focus')).catch(() => []);
  const found = new Map<string, Row[]>();
  for (const name of names.sort()) {
    const format = [csvFormat, parquetFormat].find(({ extension }) => name.endsWith(`.${extension}`));
    if (format) found.set(name, (await format.decode(await readFile(inFocus(name)))) as Row[]);
  }
  return found;
}

it('writes what runs cost, the same in both formats, and the same again', async () => {
  await folder.write({ 'results/test_results_1.json': JSON.stringify(twoRuns) });
  const first = await runOnce();
  expect(first.code, first.stderr).toBe(0);
  const csv = await readFile(inFocus('focus-2024-01-15.csv'), 'utf8');
  expect(csv).toBe(await readFile(GOLDEN, 'utf8'));
  const parquet = await readFile(inFocus('focus-2024-01-15.parquet'));
  const rows = (await csvFormat.decode(Buffer.from(csv))) as Row[];
  expect(await parquetFormat.decode(parquet)).toEqual(rows);
  for (const row of rows) expect(problemsOf(row)).toEqual([]);
  for (const [figure, read] of [
    ['cost_total_load_aware', (row: Row) => row.EffectiveCost],
    ['co2_emissions_kg', (row: Row) => row.x_CarbonKg ?? 0],
  ] as const) {
    const wanted = Object.values(twoRunsFigures[figure] ?? {}).reduce((sum, value) => sum + value, 0);
    expect(rows.reduce((sum, row) => sum + read(row), 0)).toBeCloseTo(wanted, 15);
  }
  expect((await runOnce()).code).toBe(0);
  expect(await readFile(inFocus('focus-2024-01-15.csv'), 'utf8')).toBe(csv);
  expect(Buffer.compare(await readFile(inFocus('focus-2024-01-15.parquet')), parquet)).toBe(0);
});

it('charges a run once, for the time of its samples, whatever becomes of its file', async () => {
  const timestamps = ['2026-11-20T10:00:00Z', '2026-11-20T10:00:05Z', '2026-11-20T10:00:10Z'];
  const run = { name: 'stamped', region: 'us-east-1', power_watts: [100, 100, 100], timestamps };
  const results = join(folder.path, 'results');
  await folder.write({ 'results/test_results_1.json': JSON.stringify({ scenarios: [run] }) });
  expect((await runOnce()).code).toBe(0);
  const once = await written();
  const [rows = []] = once.values();
  expect(rows.map(({ ChargePeriodStart, ChargePeriodEnd }) => [ChargePeriodStart, ChargePeriodEnd])).toEqual([
    ['2026-11-20T10:00:00Z', '2026-11-20T10:00:10Z'],
  ]);
  await copyFile(join(results, 'test_results_1.json'), join(results, 'test_results_2.json'));
  await rename(join(results, 'test_results_1.json'), join(results, 'test_results_3.json'));
  await folder.write({ 'results/test_results_4.json': JSON.stringify({ scenarios: [run] }, undefined, 2) });
  await utimes(join(results, 'test_results_3.json'), 1_795_680_000, 1_795_680_000);
  expect((await runOnce()).code).toBe(0);
  expect(await written()).toEqual(once);
});

it('has no charge of a run that does not say when it was, and says what to add', async () => {
  const run = { name: 'a run', region: 'us-east-1', power_watts: [100, 100, 100], step_seconds: 5, duration: 10 };
  await folder.write({ 'results/test_results_1.json': JSON.stringify({ scenarios: [run] }) });
  const { code, stderr } = await runOnce();
  expect([code, [...(await written()).keys()]]).toEqual([0, []]);
  expect(stderr).toContain('no rows: a run does not say when it was; give it `start_time`, `end_time` or `timestamps`');
});

it('puts a run whose factors are others now in the place of what stood there', async () => {
  await folder.write({ 'results/test_results_1.json': JSON.stringify(twoRuns) });
  await runOnce();
  const before = await written();
  await folder.write({ 'wattline.yaml': configuration('{ pue: 1.5 }') });
  const second = await runOnce();
  expect(second.stderr).toContain('replaced rows by ones of another cost');
  const after = await written();
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [name, rows] of after) {
    const wanted = before
      .get(name)
      ?.map((row) => [row.x_RunId, row.EffectiveCost * (row.SkuId === 'energy' ? 1.5 : 1)]);
    expect(rows).toHaveLength(4);
    for (const [index, { x_RunId, EffectiveCost }] of rows.entries()) {
      expect(x_RunId).toBe(wanted?.[index]?.[0]);
      expect(EffectiveCost).toBeCloseTo(Number(wanted?.[index]?.[1]), 15);
    }
  }
});

it('leaves no half file where it is killed, and loses and doubles nothing when it comes back', {
  timeout: 120_000,
}, async () => {
  const runs = Array.from({ length: 300 }, (_, index) => ({
    ...twoRuns.scenarios[index % 2],
    name: `run ${index}`,
    start_time: 1_705_315_800 + index * 240,
    end_time: 1_705_315_920 + index * 240,
  }));
  for (let part = 0; part < 10; part++) {
    const scenarios = runs.slice(part * 30, part * 30 + 30);
    await folder.write({ [`results/test_results_${part}.json`]: JSON.stringify({ scenarios }) });
  }
  const names = new Set(runs.map(({ name }) => name));
  for (let kill = 0; kill < 5; kill++) {
    const child = startProcess(process.execPath, [CLI, 'run', '--config', join(folder.path, 'wattline.yaml')]);
    let hasEnded = false;
    child.exited.finally(() => {
      hasEnded = true;
    });
    while (!hasEnded && !child.stderr().includes('writing FOCUS rows')) await sleep(5);
    expect(hasEnded, child.stderr()).toBe(false);
    await sleep(Math.random() * 250);
    await child.stop('SIGKILL');
    for (const [name, rows] of await written()) {
      expect(rows.length, name).toBeGreaterThan(0);
      for (const row of rows) expect(problemsOf(row), name).toEqual([]);
      const charges = rows.map(({ x_RunId, SkuId }) => `${x_RunId} ${SkuId}`);
      expect(new Set(charges).size, name).toBe(charges.length);
      expect(rows.every(({ Tags }) => names.has(JSON.parse(Tags ?? '{}').scenario))).toBe(true);
    }
  }
  await writeFile(inFocus('focus-2024-01-15.csv.tmp'), 'BilledCost,Bil');
  const last = await runOnce();
  expect(last.code, last.stderr).toBe(0);
  const all = await written();
  for (const { extension } of [csvFormat, parquetFormat]) {
    const rows = [...all].flatMap(([name, found]) => (name.endsWith(extension) ? found : []));
    const scenarios = rows.map(({ Tags }) => JSON.parse(Tags ?? '{}').scenario);
    expect(scenarios).toHaveLength(600);
    expect(new Set(scenarios)).toEqual(names);
  }
  expect((await readdir(join(folder.path, 'focus'))).filter((name) => name.endsWith('.tmp'))).toEqual([]);
});
