import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { figuredRun } from '../../../test/kit/figured-run.ts';
import { type TemporaryFolder, temporaryFolder } from '../../../test/kit/temporary-folder.ts';
import type { Row } from './column-rules.ts';
import { DayFiles } from './day-files.ts';
import { csvFormat, parquetFormat } from './file-formats.ts';
import { rowsOf } from './rows.ts';
import { configSchema } from './settings.ts';

const { signal } = new AbortController();
const config = configSchema.parse({ directory: '.' });
const NOON = Date.UTC(2025, 11, 31, 12) / 1000;
const DAY = 86_400;

/** Two rows of a run that is known by its name and its start. */
function rowsFor(scenario: string, { usd = 0.001, start = NOON } = {}): Row[] {
  const run = { scenario, start, end: start + 60, power: [10, 20], cpu: [1, 2], energyUsd: usd, computeUsd: usd };
  return rowsOf(figuredRun(run), config, () => {});
}

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const formats = [csvFormat, parquetFormat] as const;
describe.each(formats)('files of days ($extension)', (format) => {
  const nameOf = (day: string) => `focus-${day}.${format.extension}`;
  const pathOf = (day: string) => join(folder.path, nameOf(day));
  const read = async (day: string) => (await format.decode(await readFile(pathOf(day)))) as Row[];
  const names = async () => (await readdir(folder.path)).sort();
  const open = async () => {
    const files = new DayFiles(folder.path, format);
    await files.open();
    return files;
  };

  it('hold the rows of the runs that began on the day, ordered by time', async () => {
    const files = await open();
    const rows = [...rowsFor('b', { start: NOON + 1 }), ...rowsFor('a'), ...rowsFor('c', { start: NOON + DAY })];
    expect(await files.write(rows, signal)).toEqual([]);
    expect(await names()).toEqual([
      nameOf('2025-12-31'),
      nameOf('2026-01-01'),
      expect.stringMatching(/^focus-metadata-[0-9a-f]{16}\.json$/),
    ]);
    const first = await read('2025-12-31');
    expect(first).toEqual([...rows.slice(2, 4), ...rows.slice(0, 2)].sort(byStart));
    expect(first.map(({ SkuId }) => SkuId)).toEqual(['compute', 'energy', 'compute', 'energy']);
    expect((await read('2026-01-01'))[0]?.BillingPeriodStart).toBe('2026-01-01T00:00:00Z');
  });

  it('hold a run once, however often and in whatever company it is written', async () => {
    const runs = ['a', 'b', 'c', 'd'].map((name, index) => rowsFor(name, { start: NOON + (index % 2) * DAY }));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.subarray(runs, { minLength: 1 }), { maxLength: 4 }), async (writes) => {
        await folder.remove();
        for (const written of [...writes, runs]) await (await open()).write(written.flat(), signal);
        const all = [...(await read('2025-12-31')), ...(await read('2026-01-01'))];
        expect(all.sort(byStart)).toEqual(runs.flat().sort(byStart));
      }),
      { numRuns: 15 },
    );
  });

  it('hold what came last of a run, and tell what gave way', async () => {
    const files = await open();
    const before = rowsFor('a');
    await files.write([...before, ...rowsFor('b')], signal);
    const after = rowsFor('a', { usd: 0.005 });
    expect((await files.write(after, signal)).sort(byStart)).toEqual(before.sort(byStart));
    expect((await read('2025-12-31')).sort(byStart)).toEqual([...after, ...rowsFor('b')].sort(byStart));
    const energy = after.filter(({ SkuId }) => SkuId === 'energy');
    await files.write([...before, ...energy, ...energy], signal);
    const [compute] = before.filter(({ SkuId }) => SkuId === 'compute');
    const ofRun = (await read('2025-12-31')).filter(({ x_RunId }) => x_RunId === compute?.x_RunId);
    expect(ofRun).toEqual([compute, ...energy]);
  });

  it('are left alone where nothing is new', async () => {
    const files = await open();
    await files.write([...rowsFor('a'), ...rowsFor('b')], signal);
    const long = new Date(1_000_000_000_000);
    const all = await names();
    for (const name of all) await utimes(join(folder.path, name), long, long);
    await (await open()).write(rowsFor('a'), signal);
    for (const name of all) expect((await stat(join(folder.path, name))).mtime).toEqual(long);
  });

  it('are not harmed by what a writer that was killed has left', async () => {
    await writeFile(`${pathOf('2025-12-31')}.tmp`, 'BilledCost,Bil');
    const files = await open();
    await files.write(rowsFor('a'), signal);
    expect(await read('2025-12-31')).toHaveLength(2);
    expect((await names()).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('stay as they are where they cannot be replaced', async () => {
    const files = await open();
    await files.write(rowsFor('a'), signal);
    await mkdir(`${pathOf('2025-12-31')}.tmp`);
    await expect(files.write(rowsFor('b'), signal)).rejects.toThrow(/EISDIR|EEXIST/);
    expect(await read('2025-12-31')).toEqual(rowsFor('a').sort(byStart));
  });

  it('are not written over where they are something else', async () => {
    const files = await open();
    await files.write(rowsFor('a'), signal);
    const [row] = await read('2025-12-31');
    const foreign = [Buffer.from('"half a file'), format.encode([{ ...(row as Row), BillingCurrency: 'usd' }])];
    for (const content of foreign) {
      await writeFile(pathOf('2025-12-31'), content);
      await expect(files.write(rowsFor('b'), signal)).rejects.toThrow(
        /focus-2025-12-31\.\w+ is not a file of FOCUS rows as this exporter writes them: .+; move it elsewhere$/,
      );
      expect(Buffer.compare(await readFile(pathOf('2025-12-31')), content)).toBe(0);
    }
  });

  it('are not begun once nobody waits for them', async () => {
    const files = await open();
    await expect(files.write(rowsFor('a'), AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
    expect(await names()).toHaveLength(1);
  });
});

it('keeps both formats in one directory, with one description of their columns', async () => {
  for (const format of formats) {
    const files = new DayFiles(folder.path, format);
    await files.open();
    await files.write(rowsFor('a'), signal);
  }
  const names = await readdir(folder.path);
  expect(names).toHaveLength(3);
  const metadata = names.find((name) => name.startsWith('focus-metadata-')) ?? '';
  const { DataGenerator, Schema } = JSON.parse(await readFile(join(folder.path, metadata), 'utf8'));
  expect(DataGenerator).toBe('Wattline');
  expect(Schema).toMatchObject({ FocusVersion: '1.2', SchemaId: metadata.slice(15, 31) });
  const [header = ''] = (await readFile(join(folder.path, 'focus-2025-12-31.csv'), 'utf8')).split('\n');
  expect(Schema.ColumnDefinition.map(({ ColumnName }: { ColumnName: string }) => ColumnName)).toEqual(
    header.split(','),
  );
});

function byStart(a: Row, b: Row): number {
  const key = (row: Row) => [row.ChargePeriodStart, row.x_RunId, row.SkuId].join(' ');
  return key(a) < key(b) ? -1 : 1;
}
