import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { init } from '../../src/commands/init.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { Loader } from '../../src/loader.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/temporary-folder.ts';
import { runWattline } from '../kit/wattline-process.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const loader = new Loader();
const [receivers, exporters] = await Promise.all([loader.types('receiver'), loader.types('exporter')]);
const choices = (['runs', 'streams'] as const).flatMap((purpose) =>
  receivers.flatMap((receiver) => exporters.map((exporter) => [purpose, receiver, exporter] as const)),
);

describe('wattline init', () => {
  it.each(choices)('writes a configuration for %s from %s to %s that is valid', async (purpose, receiver, exporter) => {
    const output = join(folder.path, `${purpose}-${receiver}-${exporter}.yaml`);
    await init({ for: purpose, receiver, exporter, output, stdout: process.stderr });
    const { pipelines } = await loadConfiguration([output], { loader: new Loader(), environment: {} });
    const runs = purpose === 'runs' ? ['predictor', 'energy', 'cost', 'co2'] : ['energy', 'cost', 'co2'];
    const processors = purpose === 'streams' || receiver !== 'file' ? ['live', ...runs, 'totals'] : runs;
    expect(pipelines).toMatchObject([{ receivers: [receiver], processors, exporters: [exporter] }]);
    const text = await readFile(output, 'utf8');
    expect(text).toMatch(/^# yaml-language-server: \$schema=\S+config\/schema\.json\n/);
    expect(text).not.toContain('{{');
  });

  it('says what to do next, and writes over nothing', async () => {
    const options = { cwd: folder.path };
    const first = await runWattline(['init', '--exporter', 'victoriametrics'], options);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toContain('wattline validate --config wattline.yaml');
    const valid = await runWattline(['validate', '--config', 'wattline.yaml'], options);
    expect(valid.stdout).toMatch(/^wattline\.yaml: valid, 1 pipeline\n( {2}live: machines are told apart by .*\n)?$/);
    const second = await runWattline(['init'], options);
    const remedy = 'wattline.yaml exists already; name another file with --output [CANNOT_WRITE]\n';
    expect([second.code, second.stderr]).toEqual([1, remedy]);
  });

  it('names the nearest type of one that it does not know', async () => {
    const { code, stderr } = await runWattline(['init', '--receiver', 'flie', '--output', 'x.yaml'], {
      cwd: folder.path,
    });
    expect([code, stderr]).toEqual([1, 'unknown receiver type `flie`; did you mean `file`? [CANNOT_WRITE]\n']);
  });
});
