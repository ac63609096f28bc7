import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/kit/temporary-folder.ts';
import { runWattline } from '../../test/kit/wattline-process.ts';

const readme = await readFile(new URL('README.md', import.meta.url), 'utf8');
const commands = [...readme.matchAll(/^```\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n'));

function resultsFrom(start: number): string {
  const scenarios = [0, 1, 2, 4, 8, 0, 1, 2, 4, 8].map((streams, index) => ({
    name: `${streams} streams`,
    region: 'eu-west-3',
    encoder_type: streams === 0 ? 'none' : 'libx264',
    streams,
    start_time: start + 1000 * index,
    end_time: start + 1000 * index + 600,
    step_seconds: 600,
    power_watts: [50 + 5 * streams, 50 + 5 * streams],
    cpu_usage_cores: [streams, streams],
  }));
  return JSON.stringify({ scenarios });
}

describe('the README of advice', () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    const packaged = await readFile(new URL('../../config/advise.yaml', import.meta.url), 'utf8');
    folder = await temporaryFolder({
      'results.json': resultsFrom(1_782_864_000),
      'later.json': resultsFrom(1_782_964_000),
      'grid.yaml': packaged.replace('dataset: electricity_maps', 'intensity: [{ file: grid.csv }]'),
      'grid.csv':
        'from,to,kg_per_kwh\n2026-07-01T00:00:00Z,2026-07-01T02:00:00Z,0.5\n2026-07-01T02:00:00Z,2026-07-02T00:00:00Z,0.1\n',
    });
  });
  afterAll(() => folder.remove());

  it('shows commands that work', { timeout: 120_000 }, async () => {
    expect(commands.length).toBeGreaterThan(6);
    for (const command of commands) {
      const [program, ...args] = command.split(' ');
      expect(program).toBe('wattline');
      const { code, stdout, stderr } = await runWattline(args, { cwd: folder.path });
      expect([command, stderr, code]).toEqual([command, '', 0]);
      if (command.includes('--deadline')) expect(stdout).toContain('time-emissions-6h');
      if (command.includes('--realised')) expect(stdout).toContain('packing-libx264');
    }
  });
});
